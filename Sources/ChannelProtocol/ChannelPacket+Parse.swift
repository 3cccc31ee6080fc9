extension ChannelPacket {
    /// Keys that may stand more than once.
    private static let repeatable: Set<String> = ["SOCKET", "STORED"]

    /// Reads one packet; any bytes may come.
    package init(parsing bytes: [UInt8]) throws(ChannelFault) {
        guard bytes.count <= ChannelLimits.longestPacket else {
            throw ChannelFault(
                .oversized, "a packet of more than \(ChannelLimits.longestPacket) bytes")
        }
        let text = bytes.last == Self.newline ? bytes.dropLast() : bytes[...]
        var lines = text.split(separator: Self.newline, omittingEmptySubsequences: false)
        guard let verb = lines.first, Self.isVerb(verb) else {
            throw ChannelFault(.malformed, "it does not begin with a verb")
        }
        lines.removeFirst()
        guard lines.count <= ChannelLimits.mostKeys else {
            throw ChannelFault(.malformed, "more than \(ChannelLimits.mostKeys) keys")
        }
        var fields: [ChannelField] = []
        var seen: Set<String> = []
        for line in lines {
            let halves = line.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, Self.isKey(halves[0]) else {
                throw ChannelFault(.malformed, "line \(fields.count + 2) is not KEY=value")
            }
            guard halves[1].allSatisfy(Self.isValueByte) else {
                throw ChannelFault(.malformed, "line \(fields.count + 2) has a control character")
            }
            let key = String(decoding: halves[0], as: UTF8.self)
            guard seen.insert(key).inserted || Self.repeatable.contains(key) else {
                throw ChannelFault(.malformed, "\(key)= stands twice")
            }
            fields.append(ChannelField(key, String(decoding: halves[1], as: UTF8.self)))
        }
        self.init(String(decoding: verb, as: UTF8.self), fields)
    }

    private static func isVerb(_ bytes: ArraySlice<UInt8>) -> Bool {
        1...ChannelLimits.longestVerb ~= bytes.count && bytes.allSatisfy(isCapital)
    }

    private static func isKey(_ bytes: ArraySlice<UInt8>) -> Bool {
        1...ChannelLimits.longestKey ~= bytes.count
            && bytes.allSatisfy { isCapital($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isCapital(_ byte: UInt8) -> Bool {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    }
}
