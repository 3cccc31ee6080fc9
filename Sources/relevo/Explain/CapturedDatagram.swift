import Kernel

/// A UDP datagram out of a captured packet.
struct CapturedDatagram: Equatable {
    let from: SocketAddress
    let to: SocketAddress
    /// As far as it was captured.
    let payload: [UInt8]
    let size: Int

    /// Why a packet is none that can be explained.
    enum Reason: Error, Equatable {
        case link(UInt32)
        case notIP
        case notUDP
        /// A fragment that is not the first one of its datagram.
        case fragment
        /// It ends before the ports.
        case cut

        var text: String {
            switch self {
            case .link(let number): "its link type \(number) is not known"
            case .notIP: "it is not IP"
            case .notUDP: "it is not UDP"
            case .fragment: "it is a later fragment, which has no ports"
            case .cut: "it is cut before its ports"
            }
        }
    }

    /// Reads a packet by its link type: Ethernet, Linux cooked (1 and 2), raw IP, loopback.
    init(_ packet: PacketCapture.Packet) throws(Reason) {
        let bytes = packet.bytes
        func number(_ at: Int) -> Int? {
            at + 1 < bytes.count ? Int(bytes[at]) << 8 | Int(bytes[at + 1]) : nil
        }
        switch packet.link {
        case 1:
            var at = 12
            // VLAN tags, one in the other.
            while let type = number(at), [0x8100, 0x88a8, 0x9100].contains(type), at < 24 {
                at += 4
            }
            try self.init(number(at), at + 2, bytes)
        case 113: try self.init(number(14), 16, bytes)
        case 276: try self.init(number(0), 20, bytes)
        case 12, 14, 101, 228, 229: try self.init(ip: bytes[...])
        // The family's number, in the order of the machine that wrote it or in the network's: it differs from
        // system to system, and IP tells itself which version it is.
        case 0, 108: try self.init(ip: bytes.dropFirst(4))
        default: throw .link(packet.link)
        }
    }

    private init(_ type: Int?, _ begin: Int, _ bytes: [UInt8]) throws(Reason) {
        guard let type else { throw .cut }
        guard type == 0x0800 || type == 0x86dd else { throw .notIP }
        try self.init(ip: bytes.dropFirst(begin))
    }

    /// Reads a packet from its IP header on.
    init(ip bytes: ArraySlice<UInt8>) throws(Reason) {
        guard let first = bytes.first else { throw .cut }
        let packet = Array(bytes)
        switch first >> 4 {
        case 4: try self.init(ipv4: packet)
        case 6: try self.init(ipv6: packet)
        default: throw .notIP
        }
    }

    private init(ipv4 packet: [UInt8]) throws(Reason) {
        let header = Int(packet[0] & 15) * 4
        guard header >= 20 else { throw .notIP }
        guard packet.count >= 20 else { throw .cut }
        guard packet[9] == 17 else { throw .notUDP }
        guard packet[6] & 0x1f == 0, packet[7] == 0 else { throw .fragment }
        func address(_ at: Int) -> UInt32 {
            packet[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        let (source, target) = (address(12), address(16))
        try self.init(udp: packet.dropFirst(header)) { port, isPeer in
            .ipv4(isPeer ? source : target, port: port)
        }
    }

    private init(ipv6 packet: [UInt8]) throws(Reason) {
        guard packet.count >= 40 else { throw .cut }
        func address(_ at: Int) -> UInt128 {
            packet[at..<at + 16].reduce(0) { $0 << 8 | UInt128($1) }
        }
        let (source, target) = (address(8), address(24))
        var (next, at) = (packet[6], 40)
        // Hop by hop, routing and destination options, a fragment's header.
        while [0, 43, 44, 60].contains(next) {
            guard at + 8 <= packet.count else { throw .cut }
            if next == 44, packet[at + 2] != 0 || packet[at + 3] & 0xf8 != 0 { throw .fragment }
            let length = next == 44 ? 8 : (Int(packet[at + 1]) + 1) * 8
            next = packet[at]
            at += length
        }
        guard next == 17 else { throw .notUDP }
        try self.init(udp: packet.dropFirst(at)) { port, isPeer in
            .ipv6(isPeer ? source : target, port: port, scope: 0)
        }
    }

    /// The length in its header counts: that of a first fragment is the whole datagram's, and behind it there may
    /// be padding.
    private init(
        udp bytes: ArraySlice<UInt8>, _ address: (UInt16, _ isPeer: Bool) -> SocketAddress
    ) throws(Reason) {
        let datagram = Array(bytes)
        guard datagram.count >= 8 else { throw .cut }
        func number(_ at: Int) -> UInt16 { UInt16(datagram[at]) << 8 | UInt16(datagram[at + 1]) }
        from = address(number(0), true)
        to = address(number(2), false)
        let told = Int(number(4))
        // 0 where the network card was to fill it in.
        size = told >= 8 ? told - 8 : datagram.count - 8
        payload = Array(datagram.dropFirst(8).prefix(size))
    }
}
