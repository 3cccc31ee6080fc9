import Foundation
import Kernel
import Synchronization
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct LeaveGroupTests {
    @Test func aSocketThatHasLeftGetsNothingMoreAndKeepsItsQueue() throws {
        let server = try DatagramSocket.bound(to: .loopback())
        let client = try DatagramSocket.bound(to: .loopback(), options: .alone)
        try client.connect(to: server.localAddress())
        try client.send([1])
        try server.leaveGroup()
        try client.send([2])
        #expect(try client.wait(for: .readable, within: .seconds(5)))
        #expect(try client.takeError()?.errno == .connectionRefused)
        #expect(try server.receive()?.bytes == [1])
        #expect(try server.receive() == nil)
    }

    /// Sends to a group and counts what its first member, to which all is steered, does not get.
    private final class Traffic: Sendable {
        let isOver = Atomic(false)
        let lost = Mutex(0)
        let ended = DispatchSemaphore(value: 0)

        func run(to server: borrowing DatagramSocket) throws {
            let client = try DatagramSocket.bound(to: .loopback(), options: .alone)
            try client.connect(to: server.localAddress())
            var missing = 0
            while !isOver.load(ordering: .relaxed) {
                for _ in 0..<64 { missing += try client.send([0]) ? 1 : 0 }
                missing -= try server.discardQueue()
            }
            lost.withLock { [missing] in $0 = missing }
        }
    }

    @Test func socketsThatLeaveBeforeTheyAreClosedTakeNothingAlong() throws {
        let first = try DatagramSocket(for: .loopback())
        try first.attachSteering(instructions: [ClassicInstruction(code: 0x06, operand: 0)])
        try first.bind(to: .loopback())
        let (address, traffic) = (try first.localAddress(), Traffic())
        let reader = Shared(try first.duplicate())
        // The socket is closed when the test lets go of it, not when the thread has gone.
        let thread = Thread { [unowned reader] in
            try? traffic.run(to: reader.socket)
            traffic.ended.signal()
        }
        thread.start()
        let cycles = 20_000
        for _ in 0..<cycles {
            let other = try DatagramSocket.bound(to: address)
            try other.leaveGroup()
        }
        traffic.isOver.store(true, ordering: .relaxed)
        withExtendedLifetime(reader) { traffic.ended.wait() }
        // Without leaving, a hundred times as many.
        #expect(traffic.lost.withLock { $0 } <= cycles / 2000)
    }

    private final class Shared: Sendable {
        let socket: DatagramSocket
        init(_ socket: consuming DatagramSocket) { self.socket = socket }
    }
}
