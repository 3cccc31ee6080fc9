/// The addresses that sockets of this network namespace are bound to, as /proc/net tells them.
///
/// SO_REUSEPORT lets two programs of one user bind the same address without an error, and then each
/// gets half of the traffic: so it is looked up.
package enum BoundAddresses {
    /// Whether a socket without a peer is bound to exactly this address.
    package static func contains(_ address: SocketAddress, stream: Bool) -> Bool {
        let table = "/proc/thread-self/net/\(stream ? "tcp" : "udp")\(address.isIPv6 ? "6" : "")"
        guard let bytes = try? readFile(table) else { return false }
        let wanted = hexadecimal(address)
        return bytes.split(separator: UInt8(ascii: "\n")).dropFirst().contains { line in
            // "  0: 0100007F:0035 00000000:0000 07 ..."
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count > 3, words[1] == wanted else { return false }
            let unconnected = words[2].allSatisfy { $0 == "0" || $0 == ":" }
            return unconnected && (!stream || words[3] == listening)
        }
    }

    /// TCP_LISTEN.
    private static let listening = "0A"

    /// As the kernel prints it: words of the address in host order, the port as written.
    private static func hexadecimal(_ address: SocketAddress) -> String {
        switch address {
        case .ipv4(let number, let port): "\(word(number)):\(digits(port, 4))"
        case .ipv6(let number, let port, _):
            [96, 64, 32, 0].map { word(UInt32(truncatingIfNeeded: number >> UInt128($0))) }
                .joined() + ":\(digits(port, 4))"
        }
    }

    private static func word(_ number: UInt32) -> String { digits(number.bigEndian, 8) }

    private static func digits(_ number: some BinaryInteger, _ width: Int) -> String {
        let text = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: width - text.utf8.count) + text
    }
}

/// The ports that the kernel picks where a program names none (ip(7)).
package enum EphemeralPorts {
    /// net.ipv4.ip_local_port_range of this network namespace, for IPv6 as well.
    package static func range() -> ClosedRange<UInt16> {
        let bytes = (try? readFile("/proc/sys/net/ipv4/ip_local_port_range")) ?? []
        let numbers = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .compactMap { UInt16($0) }
        guard numbers.count == 2, numbers[0] <= numbers[1] else { return 32_768...60_999 }
        return numbers[0]...numbers[1]
    }
}
