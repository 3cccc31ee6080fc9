import Kernel
import TestKit

@testable import Systemd

/// A service manager's end of the notify socket, read only when a test says so.
final class ToyManager {
    let loop: EventLoop
    let channel: NotifyChannel
    let store: FDStore
    let path: String
    private let folder: TemporaryFolder
    private let socket: NotifySocket

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("notify")
        socket = try NotifySocket(at: UnixAddress(path))
        loop = try EventLoop()
        channel = try present(NotifyChannel(in: loop, socket: path))
        store = FDStore(behind: channel, capacity: nil, holding: [])
    }

    /// The next message; nil when none waits.
    func next() throws -> Heard? {
        guard var message = try socket.receive(descriptors: 8) else { return nil }
        var inode: UInt64?
        if let descriptor = message.descriptors.takeFirst() { inode = try descriptor.inode() }
        return Heard(text: String(decoding: message.bytes, as: UTF8.self), descriptor: inode)
    }

    /// All that waits or comes while the loop turns, up to a message that the condition is true of.
    func all(until isLast: (String) -> Bool) throws -> [Heard] {
        var heard: [Heard] = []
        let deadline = MonotonicClock.now() + .seconds(20)
        let wake = loop.schedule(at: deadline) {}
        defer { loop.remove(wake) }
        while MonotonicClock.now() < deadline {
            while let message = try next() {
                heard.append(message)
                if isLast(message.text) { return heard }
            }
            try loop.runOnce()
        }
        return heard
    }

    /// What was heard, and what came with it by its inode.
    struct Heard: Equatable {
        let text: String
        let descriptor: UInt64?
    }
}
