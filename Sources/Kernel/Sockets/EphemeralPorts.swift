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
