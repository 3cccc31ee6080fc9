/// A message to the supervisor as it is written; the longest is checked when it is sent.
struct Packet {
    private(set) var bytes: [UInt8] = []

    init(_ verb: StaticString) { bytes.append(text: verb) }

    @inline(never)
    mutating func add(_ key: StaticString, _ value: [UInt8]) {
        start(key)
        bytes += value
    }

    mutating func add(_ key: StaticString, _ value: StaticString) {
        start(key)
        bytes.append(text: value)
    }

    @inline(never)
    mutating func add(_ key: StaticString, _ number: UInt64) {
        start(key)
        bytes.append(number: number)
    }

    @inline(never)
    private mutating func start(_ key: StaticString) {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(text: key)
        bytes.append(UInt8(ascii: "="))
    }

    /// Text for people, which may be anything: cut at 512 bytes, between characters, and its
    /// control bytes replaced.
    static func plain(_ text: some Sequence<UInt8>) -> [UInt8] {
        var plain = text.prefix(513).map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 }
        guard plain.count > 512 else { return plain }
        var next = plain.removeLast()
        // What is left of a character that was cut goes with it.
        while next & 0xc0 == 0x80, let last = plain.popLast() { next = last }
        return plain
    }
}
