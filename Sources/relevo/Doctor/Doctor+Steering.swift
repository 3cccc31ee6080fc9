import Kernel
import Packs
import Steering

extension Doctor {
    /// Tried for real: the program is loaded, and attached to a socket of loopback.
    static func flowSteering() -> Finding {
        switch attempt(.flow) {
        case .works(let kind):
            return Finding(
                "steering.flow", "steering: flow", .ok, "flows stay with their process (\(kind))",
                isNeeded: true)
        case .fails(let why):
            return Finding(
                "steering.flow", "steering: flow", .missing,
                why.refusal?.words ?? why.description,
                remedy: why.refusal?.remedy ?? "Steering=stateless", isNeeded: true)
        }
    }

    /// Nobody is harmed who does not ask for it.
    static func quicSteering() -> Finding {
        switch attempt(.quic) {
        case .works(let kind):
            Finding(
                "steering.quic", "steering: quic", .ok,
                "QUIC connections stay with their process when their client's address changes "
                    + "(\(kind))")
        case .fails(let why):
            Finding(
                "steering.quic", "steering: quic", .missing,
                why.refusal?.words ?? why.description,
                remedy: why.refusal?.remedy ?? "Steering=flow, which knows connections by address")
        }
    }

    /// The program for protocols that are described, in both orders.
    static func packSteering() -> Finding {
        let names = BuiltInPack.all.map(\.name).joined(separator: ", ")
        var kinds: [String] = []
        for order in Pack.Order.allCases {
            let rule = PackRule(role: .continues, id: PackRule.ID(offset: 0, length: .bytes(8)))
            switch attempt(.pack, Pack(order: order, rules: [rule])) {
            case .works(let kind): kinds.append(kind)
            case .fails(let why):
                return Finding(
                    "steering.ids", "steering: by ids", .missing,
                    why.refusal?.words ?? why.description,
                    remedy: why.refusal?.remedy
                        ?? "Steering=flow, which knows sessions by address")
            }
        }
        return Finding(
            "steering.ids", "steering: by ids", .ok,
            "sessions of \(names) and of custom rules stay with their process when their client's "
                + "address changes (\(kinds[0]))")
    }

    /// The eBPF program, or the classic one that needs no privilege.
    /// Whether UnknownIds=copy can be had: a packet that seems to come from elsewhere is sent to ourselves.
    static func copies() -> Finding {
        let id = "steering.copies"
        let subject = "copies of unknown ids"
        do throws(KernelError) {
            let sender = try PacketSender(isIPv6: false)
            let socket = try DatagramSocket.bound(
                to: .loopback(), options: DatagramSocketOptions(reusePort: false))
            // An address of RFC 5737, which nobody has.
            let elsewhere = SocketAddress.ipv4(0xC000_0201, port: 9)
            let probe = DatagramCopy(
                from: elsewhere, to: try socket.localAddress(), trafficClass: 0,
                payload: Array("relevo".utf8))
            for packet in probe?.packets(CopyMark.none) ?? [] {
                try sender.send(packet, to: try socket.localAddress())
            }
            if try socket.receive(within: .seconds(1))?.source == elsewhere {
                return Finding(id, subject, .ok, "UnknownIds=copy is possible")
            }
            return Finding(
                id, subject, .warn, "a packet that seemed to come from 192.0.2.1 did not get to us",
                remedy: "UnknownIds=guess, or a firewall that lets such packets pass over loopback")
        } catch {
            return Finding(
                id, subject, .missing,
                error.isPermissionDenied ? "UnknownIds=copy needs CAP_NET_RAW" : "\(error)",
                remedy: "AmbientCapabilities=CAP_NET_RAW beside CAP_BPF, or UnknownIds=guess")
        }
    }

    static func statelessSteering() -> Finding {
        switch attempt(.stateless) {
        case .works(let kind):
            return Finding("steering.stateless", "steering: stateless", .ok, kind)
        case .fails(let why):
            return Finding(
                "steering.stateless", "steering: stateless", .missing, why.description,
                remedy: "a kernel that was built with CONFIG_NET and SO_REUSEPORT")
        }
    }

    private enum Attempt {
        case works(String)
        case fails(SteeringError)
    }

    private static func attempt(_ mode: SteeringMode, _ pack: Pack? = nil) -> Attempt {
        do throws(SteeringError) {
            let steering = try Steering(
                SteeringSetup(
                    mode: mode, transport: .udp, maxFlows: 1024, slotCapacity: 2, pack: pack))
            let socket = try orRefusal { () throws(KernelError) in
                try DatagramSocket(for: .loopback())
            }
            try steering.attach(to: socket)
            try orRefusal { () throws(KernelError) in try socket.bind(to: .loopback()) }
            try steering.place(socket, at: 0)
            try steering.steerNewFlows(to: [0])
            return .works(steering.kindDescription)
        } catch {
            return .fails(error)
        }
    }

    private static func orRefusal<Result: ~Copyable>(
        _ body: () throws(KernelError) -> Result
    ) throws(SteeringError) -> Result {
        do throws(KernelError) {
            return try body()
        } catch {
            throw SteeringError(error)
        }
    }
}
