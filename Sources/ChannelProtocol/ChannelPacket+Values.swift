extension ChannelPacket {
    /// A number as CHANNEL.md has it; nil where the key is missing.
    func number(_ key: String) throws(ChannelFault) -> Int? {
        guard let text = value(key) else { return nil }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let number = Int(text), text.utf8.allSatisfy({ digits ~= $0 }),
            text == "0" || text.utf8.first != UInt8(ascii: "0")
        else { throw ChannelFault(.key, "\(key)= is not a number") }
        return number
    }

    func required<Value>(_ key: String, _ value: Value?) throws(ChannelFault) -> Value {
        guard let value else { throw ChannelFault(.key, "\(key)= is missing") }
        return value
    }

    /// A value for people; nil where it is missing.
    func text(_ key: String) throws(ChannelFault) -> String? {
        guard let text = value(key) else { return nil }
        guard text.utf8.count <= ChannelLimits.longestText else {
            throw ChannelFault(.key, "\(key)= has more than \(ChannelLimits.longestText) bytes")
        }
        return String(printable: text.utf8)
    }

    /// `1` or nothing.
    func flag(_ key: String) throws(ChannelFault) -> Bool {
        switch value(key) {
        case nil: return false
        case "1": return true
        default: throw ChannelFault(.key, "\(key)= can be 1 alone")
        }
    }

    /// The name of a kept descriptor, as systemd allows it.
    func descriptorName(_ key: String) throws(ChannelFault) -> String {
        let name = try required(key, value(key))
        guard Self.isDescriptorName(name) else {
            throw ChannelFault(
                .key, "\(key)= is not 1 to \(ChannelLimits.longestName) printable ASCII without ':'"
            )
        }
        return name
    }

    private static func isDescriptorName(_ name: String) -> Bool {
        1...ChannelLimits.longestName ~= name.utf8.count
            && name.utf8.allSatisfy { 0x20...0x7e ~= $0 && $0 != UInt8(ascii: ":") }
    }
}
