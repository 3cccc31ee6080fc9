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

    /// Numbers in ascending order, as `0,3-5`; none where the key is missing.
    func numbers(_ key: String) throws(ChannelFault) -> [Int] {
        guard let text = value(key) else { return [] }
        let fault = ChannelFault(.key, "\(key)= is not a list of ascending numbers, as 0,3-5")
        var numbers: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count <= 2, let first = ends.first.flatMap(Self.smallNumber),
                let last = ends.last.flatMap(Self.smallNumber),
                first > numbers.last ?? -1, ends.count == 1 || last > first
            else { throw fault }
            numbers += first...last
        }
        return numbers
    }

    /// The value that `numbers` reads.
    static func text(of numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, number == last.upperBound + 1 {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        .joined(separator: ",")
    }

    /// Of at most five digits, so that no packet makes a long list.
    private static func smallNumber(_ text: Substring) -> Int? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard 1...5 ~= text.utf8.count, text.utf8.allSatisfy({ digits ~= $0 }),
            text == "0" || text.utf8.first != UInt8(ascii: "0")
        else { return nil }
        return Int(text)
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
