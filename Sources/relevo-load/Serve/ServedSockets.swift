import Kernel

/// The sockets that a server serves.
struct ServedSockets {
    private(set) var datagrams: [ServedSocket] = []
    private(set) var listeners: [ServedListener] = []

    /// Takes what is inherited (sd_listen_fds(3)), else binds the addresses.
    init(
        addresses: [AddressOption], reusePort: Bool, ownSockets: Bool, ignoresInherited: Bool
    ) throws {
        let inherited = ownSockets ? 0..<0 : Self.inheritedNumbers()
        if !inherited.isEmpty {
            // What is to be ignored stays open, as in a program that knows nothing of it.
            if ignoresInherited { return }
            for number in inherited { try adopt(OwnedDescriptor(adopting: number)) }
            return
        }
        if addresses.isEmpty {
            throw LoadError("no socket: give --listen or start it under a supervisor")
        }
        for wanted in addresses {
            if wanted.isTCP {
                listeners.append(try ServedListener(bindingTo: wanted.address, reusePort))
            } else {
                let options = DatagramSocketOptions(
                    reusePort: reusePort, receiveBuffer: 8 << 20, v6Only: false)
                let socket = try DatagramSocket.bound(to: wanted.address, options: options)
                datagrams.append(try ServedSocket(socket))
            }
        }
    }

    private mutating func adopt(_ descriptor: consuming OwnedDescriptor) throws {
        switch try SocketNature.of(descriptor) {
        case .datagram:
            datagrams.append(try ServedSocket(DatagramSocket(adopting: descriptor)))
        case .stream: listeners.append(ServedListener(adopting: descriptor))
        case .other: throw LoadError("an inherited descriptor is no socket")
        }
    }

    private static func inheritedNumbers() -> Range<Int32> {
        guard let pid = Environment.value(of: "LISTEN_PID").flatMap({ Int32($0) }),
            pid == ProcessIdentity.processID,
            let count = Environment.value(of: "LISTEN_FDS").flatMap({ Int32($0) }), count > 0
        else { return 0..<0 }
        return 3..<3 + count
    }
}
