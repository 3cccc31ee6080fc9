/// What the supervisor lends a worker to make ids with that lead to one of its sockets.
struct Seal {
    /// The stay of the socket in its slot, 1 to 4095.
    let stay: UInt16
    private let key: (UInt64, UInt64)

    /// Of nobody.
    static var none: Seal { Seal(stay: 0, key: (0, 0)) }

    init(stay: UInt16, key: (UInt64, UInt64)) {
        self.stay = stay
        self.key = key
    }

    /// Reads one word of `IDS=`, `17:` and 32 hexadecimal digits; nil for `-`, and for what is none.
    init?(_ word: [UInt8]) {
        let colon = word.position(of: UInt8(ascii: ":"), from: 0)
        guard word.count - colon == 33, let stay = word.piece(0, colon).number,
            stay > 0, stay < 4096, let low = word.hexadecimal(from: colon + 1),
            let high = word.hexadecimal(from: colon + 17)
        else { return nil }
        self.init(stay: UInt16(stay), key: (low, high))
    }

    /// Makes an id of what comes before the stay: its first byte, a server's id and random bytes.
    @inline(never)
    func close(_ id: inout [UInt8]) {
        id.append(UInt8(truncatingIfNeeded: stay >> 8))
        id.append(UInt8(truncatingIfNeeded: stay))
        var tag = tag(of: id, id.count)
        for _ in 0..<4 {
            id.append(UInt8(truncatingIfNeeded: tag))
            tag >>= 8
        }
    }

    /// Whether an id was made with it.
    @inline(never)
    func made(_ id: [UInt8]) -> Bool {
        guard id.isRoutable, id.namedStay == stay else { return false }
        var tag = tag(of: id, id.count - 4)
        for index in id.count - 4..<id.count {
            if id[index] != UInt8(truncatingIfNeeded: tag) { return false }
            tag >>= 8
        }
        return true
    }

    /// Of the first bytes, 7 to 16 of them.
    @inline(never)
    private func tag(of bytes: [UInt8], _ count: Int) -> UInt32 {
        var (low, high): (UInt64, UInt64) = (0, 0)
        var index = count - 1
        while index >= 0 {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(bytes[index])
            index -= 1
        }
        var hash = SipHash(key)
        hash.add(low)
        hash.add(high)
        hash.add(UInt64(count + 4))
        return UInt32(truncatingIfNeeded: hash.finished())
    }
}

extension [UInt8] {
    /// Whether it has the form of an id that a worker's library makes, whoever has made it.
    var isRoutable: Bool {
        count >= 11 && count <= 20 && self[0] < 7 << 5 && Int(self[0] & 0x1f) == count - 1
    }

    /// The stay that such an id names.
    var namedStay: UInt16 { UInt16(self[count - 6]) << 8 | UInt16(self[count - 5]) }
}

extension [UInt8] {
    /// The number that sixteen hexadecimal digits are; nil for anything else.
    @inline(never)
    fileprivate func hexadecimal(from start: Int) -> UInt64? {
        guard start >= 0, start + 16 <= count else { return nil }
        var value: UInt64 = 0
        for index in start..<start + 16 {
            switch self[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                value = value << 4 | UInt64(self[index] - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt64(self[index] - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
}
