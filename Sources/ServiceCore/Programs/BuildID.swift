/// Finds the build id in an executable: the note that the linker writes, of any length.
package enum BuildID {
    /// No executable of a linker's has more segments, or larger notes.
    private static let mostSegments = 256
    private static let longestNote = 65_536

    /// - Parameter read: that many bytes from an offset, fewer at the file's end.
    /// - Returns: its hexadecimal digits; nil for what is no ELF file of this machine's byte order, or has
    ///   no such note.
    package static func find(read: (_ offset: Int, _ count: Int) -> [UInt8]) -> String? {
        let head = read(0, 64)
        guard head.count == 64, head.starts(with: [0x7f, 0x45, 0x4c, 0x46]), head[5] == 1 else {
            return nil
        }
        let isWide = head[4] == 2
        guard isWide || head[4] == 1,
            let table = isWide ? number(head, 32, 8) : number(head, 28, 4),
            let size = number(head, isWide ? 54 : 42, 2),
            let count = number(head, isWide ? 56 : 44, 2),
            size >= (isWide ? 56 : 32), size <= 1_024
        else { return nil }
        for index in 0..<min(count, mostSegments) {
            guard let place = sum(table, index * size) else { return nil }
            let entry = read(place, size)
            guard entry.count == size else { return nil }
            guard number(entry, 0, 4) == 4,
                let offset = isWide ? number(entry, 8, 8) : number(entry, 4, 4),
                let length = isWide ? number(entry, 32, 8) : number(entry, 16, 4)
            else { continue }
            if let id = note(in: read(offset, min(length, longestNote))) { return id }
        }
        return nil
    }

    /// The first note with a build id: GNU's of type 3, or Go's of type 4, which is text.
    private static func note(in bytes: [UInt8]) -> String? {
        var at = 0
        while let nameSize = number(bytes, at, 4), let size = number(bytes, at + 4, 4),
            let type = number(bytes, at + 8, 4)
        {
            let name = at + 12
            let start = name + (nameSize + 3) / 4 * 4
            let end = start + size
            guard end <= bytes.count else { return nil }
            let owner = bytes[name..<name + nameSize]
            if size > 0, type == 3, owner.elementsEqual("GNU\0".utf8) {
                return bytes[start..<end].hexadecimal
            }
            if size > 0, type == 4, owner.elementsEqual("Go\0\0".utf8) {
                return String(decoding: bytes[start..<end].prefix(256), as: UTF8.self)
            }
            at = start + (size + 3) / 4 * 4
        }
        return nil
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - count else { return nil }
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
        return value <= UInt64(UInt32.max) << 16 ? Int(value) : nil
    }

    private static func sum(_ one: Int, _ other: Int) -> Int? {
        let (sum, overflows) = one.addingReportingOverflow(other)
        return overflows ? nil : sum
    }
}

extension Sequence<UInt8> {
    /// Two digits for each byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
