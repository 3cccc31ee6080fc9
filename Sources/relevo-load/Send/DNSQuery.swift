/// DNS messages (RFC 1035, section 4), as few as a load needs.
struct DNSQuery: Equatable {
    /// A query for the IPv4 address of a name, but for its number.
    private let message: [UInt8]

    /// nil for what is no name: labels of 1 to 63 bytes, at most 253 in all.
    init?(name: String) {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
            .map { Array($0.utf8) }
        let kept = labels.last == [] && labels.count > 1 ? Array(labels.dropLast()) : labels
        guard kept.allSatisfy({ (1...63).contains($0.count) }),
            kept.reduce(0, { $0 + $1.count + 1 }) <= 254
        else { return nil }
        // Number 0, recursion desired, one question.
        var bytes: [UInt8] = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in kept { bytes += [UInt8(label.count)] + label }
        // The root, type A, class IN.
        message = bytes + [0, 0, 1, 0, 1]
    }

    /// The query with a number.
    func bytes(number: UInt16) -> [UInt8] {
        [UInt8(number >> 8), UInt8(number & 0xff)] + message.dropFirst(2)
    }

    /// What a response says; nil for what is no response.
    static func response(_ bytes: [UInt8]) -> (number: UInt16, code: ResponseCode)? {
        guard bytes.count >= 12, bytes[2] & 0x80 != 0 else { return nil }
        return (UInt16(bytes[0]) << 8 | UInt16(bytes[1]), ResponseCode(value: bytes[3] & 0xf))
    }

    /// How a server answers (RFC 6895, section 2.3).
    struct ResponseCode: Hashable {
        let value: UInt8

        /// Whether the server did its work, whatever it found.
        var isAnswer: Bool { value == 0 || value == 3 }

        var name: String {
            let names = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"]
            return names.indices.contains(Int(value)) ? names[Int(value)] : "RCODE\(value)"
        }
    }
}
