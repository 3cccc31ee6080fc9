import Kernel
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct StreamListenerTests {
    @Test(arguments: [SocketAddress.loopback(), .loopback6()])
    func theAcceptQueueIsCountedWithoutAccepting(_ local: SocketAddress) throws {
        let listener = try StreamListener.bound(
            to: local, options: .init(reusePort: false, nonBlocking: true))
        #expect(try listener.acceptQueueLength() == 0)
        #expect(try listener.accept() == nil)
        let first = try StreamConnection(to: listener.localAddress())
        let second = try StreamConnection(to: listener.localAddress())
        #expect(try eventually { try listener.acceptQueueLength() == 2 })
        #expect(try listener.isReadable())
        let accepted = try present(try listener.accept())
        #expect(try listener.acceptQueueLength() == 1)
        try first.writeAll([1, 2])
        #expect(try accepted.wait(for: .readable, within: .seconds(5)))
        #expect(try accepted.read(upTo: 10) == [1, 2])
        #expect(try accepted.read(upTo: 10) == nil)
        #expect(try second.peerAddress() == (try listener.localAddress()))
    }

    @Test func classicSteeringPicksTheListener() throws {
        let first = try StreamListener(for: .loopback())
        try first.attachSteering(instructions: [ClassicInstruction(code: 0x06, operand: 1)])
        try first.bind(to: .loopback())
        try first.listen(backlog: 16)
        let second = try StreamListener.bound(to: first.localAddress())
        for _ in 0..<10 { _ = try StreamConnection(to: first.localAddress()) }
        #expect(try eventually { try second.acceptQueueLength() == 10 })
        #expect(try first.acceptQueueLength() == 0)
    }

    @Test(.enabled(if: canPlanFaults, "needs a debug build"))
    func aFailureAtAnyCallLeavesNothingOpen() throws {
        let calls = try sweepFailures(with: .noMemory) {
            let listener = try StreamListener.bound(to: .loopback6(), options: .init(v6Only: true))
            let connection = try StreamConnection(to: listener.localAddress())
            _ = try listener.accept()
            _ = consume connection
        }
        #expect(calls >= 8)
    }
}
