import Kernel
import Steering

/// A reuseport group with steering, in this process.
final class SteeredGroup {
    let steering: Steering
    private var members: [Member] = []

    private final class Member {
        let socket: DatagramSocket
        init(_ socket: consuming DatagramSocket) { self.socket = socket }
    }

    init(sockets: Int, balance: Balance = .hash) throws {
        steering = try Steering(
            SteeringSetup(
                mode: .flow, transport: .udp, maxFlows: 65_536, slotCapacity: 512,
                balance: balance))
        var address = SocketAddress.loopback()
        for slot in 0..<sockets {
            let member = Member(try DatagramSocket(for: address))
            if slot == 0 { try steering.attach(to: member.socket) }
            try member.socket.bind(to: address)
            address = try member.socket.localAddress()
            try steering.place(member.socket, at: slot)
            members.append(member)
        }
    }
    /// Where it is sent to.
    func address() throws -> SocketAddress { try members[0].socket.localAddress() }

    /// Throws away what has come to a slot, and counts it.
    func discard(_ slot: Int) throws -> Int { try members[slot].socket.discardQueue() }

    /// Gives every socket to a child, from the first number of sd_listen_fds(3) on.
    func place(in descriptors: inout DescriptorPlan) throws {
        for (index, member) in members.enumerated() {
            try descriptors.place(member.socket, at: 3 + Int32(index))
        }
    }
}
