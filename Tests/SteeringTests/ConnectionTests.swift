import Kernel
import Steering
import TestKit
import Testing

@Suite(.leavesNoDescriptors)
struct ConnectionTests {
    private let options = StreamListenerOptions(reusePort: true)

    @Test(arguments: [SteeringSetup.Machine.best, .classic])
    func newConnectionsFollowTheFlip(machine: SteeringSetup.Machine) throws {
        let setup = SteeringSetup(mode: .stateless, transport: .tcp, machine: machine)
        let steering = try Steering(setup)
        let first = try StreamListener(for: .loopback(), options: options)
        try steering.attach(to: first)
        try first.bind(to: .loopback())
        try first.listen(backlog: 64)
        let address = try first.localAddress()
        let second = try StreamListener.bound(to: address, options: options)
        try steering.place(first, at: 0)
        try steering.place(second, at: 1)
        for (slot, expected) in [(0, (8, 0)), (1, (0, 8)), (0, (8, 0))] {
            try steering.steerNewFlows(to: [slot])
            for _ in 0..<8 { _ = try StreamConnection(to: address) }
            let counted = (try acceptAll(first), try acceptAll(second))
            #expect(counted == expected)
        }
    }

    @Test(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"))
    func connectionsInTheQueueOfAClosingListenerMoveToTheCurrentBank() throws {
        let steering = try Steering(SteeringSetup(mode: .stateless, transport: .tcp))
        try #require(steering.kindDescription.contains("are moved"), "needs Linux 5.14")
        let second = try StreamListener(for: .loopback(), options: options)
        try steering.attach(to: second)
        try second.bind(to: .loopback())
        try second.listen(backlog: 64)
        let address = try second.localAddress()
        try steering.place(second, at: 1)
        let clients = try queueAndClose(steering, at: address)
        #expect(try acceptAll(second) == clients.count)
    }

    private final class Client {
        let connection: StreamConnection

        init(to address: SocketAddress) throws { connection = try StreamConnection(to: address) }
    }

    /// Connects to a listener at slot 0, flips to slot 1 and closes the listener.
    private func queueAndClose(_ steering: Steering, at address: SocketAddress) throws -> [Client] {
        let first = try StreamListener.bound(to: address, options: options)
        try steering.place(first, at: 0)
        try steering.steerNewFlows(to: [0])
        let clients = try (0..<8).map { _ in try Client(to: address) }
        #expect(try first.acceptQueueLength() == clients.count)
        try steering.steerNewFlows(to: [1])
        try steering.release(0)
        return clients
    }

    private func acceptAll(_ listener: borrowing StreamListener) throws -> Int {
        var count = 0
        while try listener.acceptQueueLength() > 0 {
            guard try listener.accept() != nil else { break }
            count += 1
        }
        return count
    }
}
