/// A numeric local address; names are refused, since what they mean may change between upgrades.
package enum InternetHost: Hashable, Sendable, CustomStringConvertible {
    case ipv4(UInt32)
    /// Eight groups, and the interface of a link-local address (`%eth0`), empty where none is.
    case ipv6([UInt16], zone: String)

    /// Every address of both families.
    package static let any = InternetHost.ipv6([0, 0, 0, 0, 0, 0, 0, 0], zone: "")

    static func parse(_ text: String) throws(ValueError) -> InternetHost {
        if text.isEmpty || text == "*" { return any }
        if text.hasPrefix("["), text.hasSuffix("]") {
            let inside = text.dropFirst().dropLast()
            let parts = inside.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
            let zone = parts.count > 1 ? String(parts[1]) : ""
            if let address = parts.first, let groups = IPv6Text.groups(address),
                parts.count == 1 || isZone(zone)
            {
                return .ipv6(groups, zone: zone)
            }
            throw ValueError("\(text) is not an IPv6 address")
        }
        if let address = IPv6Text.ipv4(text[...]) { return .ipv4(address) }
        if IPv6Text.groups(text[...]) != nil {
            throw ValueError("an IPv6 address stands in brackets, [\(text)]")
        }
        throw ValueError("'\(text)' is not an address; write one such as 127.0.0.1 or [::1]")
    }

    /// Takes the interface off that stands behind an address, outside of its brackets.
    static func splitInterface(
        _ text: Substring
    ) throws(ValueError) -> (host: String, interface: String?) {
        let from = text.lastIndex(of: "]") ?? text.startIndex
        guard let sign = text[from...].firstIndex(of: "%") else { return (String(text), nil) }
        let name = String(text[text.index(after: sign)...])
        guard isZone(name) else { throw ValueError("'\(name)' is not the name of an interface") }
        return (String(text[..<sign]), name)
    }

    /// An interface name as the kernel allows it.
    private static func isZone(_ text: String) -> Bool {
        (1...15).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f && $0 != 0x5d }
    }

    package var description: String {
        switch self {
        case .ipv4(let address):
            [24, 16, 8, 0].map { String((address >> $0) & 0xff) }.joined(separator: ".")
        case .ipv6(let groups, let zone):
            IPv6Text.text(groups) + (zone.isEmpty ? "" : "%\(zone)")
        }
    }

    var bracketed: String {
        switch self {
        case .ipv4: description
        case .ipv6: "[\(description)]"
        }
    }
}
