import ControlProtocol
import Foundation
import Kernel
import TestKit

/// A control socket that gives prepared answers to one client and then ends.
final class ToySupervisor {
    let folder: TemporaryFolder
    var path: String { folder.file("control") }

    /// - Parameter answer: the replies to a call, all but the last marked to continue.
    init(_ answer: @escaping @Sendable (ControlCall) -> [ControlReply]) throws {
        folder = try TemporaryFolder()
        let listener = try UnixListener(at: UnixAddress(folder.file("control")), kind: .stream)
        let server = Server(listener, answer)
        Thread.detachNewThread { try? server.serve() }
    }
}

/// What the thread runs on.
private final class Server: Sendable {
    private let listener: UnixListener
    private let answer: @Sendable (ControlCall) -> [ControlReply]

    init(
        _ listener: consuming UnixListener,
        _ answer: @escaping @Sendable (ControlCall) -> [ControlReply]
    ) {
        self.listener = listener
        self.answer = answer
    }

    func serve() throws {
        guard try listener.wait(for: .readable, within: .seconds(20)),
            let client = try listener.accept()
        else { return }
        var splitter = FrameSplitter()
        while try client.wait(for: .readable, within: .seconds(20)) {
            guard let bytes = try client.read(upTo: 4096), !bytes.isEmpty else { return }
            splitter.append(bytes)
            while let frame = try splitter.next() {
                let replies = answer(try ControlCall.decode(frame))
                // No reply at all stands for a supervisor that dies.
                if replies.isEmpty { return }
                for (index, reply) in replies.enumerated() {
                    try client.writeAll(reply.frame(continues: index < replies.count - 1))
                }
            }
        }
    }
}
