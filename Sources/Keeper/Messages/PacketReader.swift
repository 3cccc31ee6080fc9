/// Takes apart bytes that anybody may have sent; whatever they are, it ends with an error at worst.
struct PacketReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() throws(PacketError) -> UInt8 {
        guard let byte = rest.popFirst() else { throw PacketError("it ends too early") }
        return byte
    }

    mutating func number() throws(PacketError) -> UInt32 {
        var number: UInt32 = 0
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            number |= UInt32(try byte()) << shift
        }
        return number
    }

    mutating func signed() throws(PacketError) -> Int32 { Int32(bitPattern: try number()) }

    mutating func text() throws(PacketError) -> String {
        let length = Int(try number())
        guard length <= rest.count else { throw PacketError("a text is longer than the packet") }
        guard let text = String(validating: rest.prefix(length), as: UTF8.self) else {
            throw PacketError("a text is not UTF-8")
        }
        rest.removeFirst(length)
        return text
    }

    mutating func texts() throws(PacketError) -> [String] {
        var texts: [String] = []
        // Not reserved before: the count may be anything.
        for _ in 0..<(try number()) { texts.append(try text()) }
        return texts
    }

    /// The name of a descriptor or worker: visible ASCII, not long.
    mutating func name() throws(PacketError) -> String {
        let name = try text()
        guard (1...200).contains(name.utf8.count), name.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else { throw PacketError("a name is empty, too long or not visible ASCII") }
        return name
    }

    /// Nothing may follow.
    func end() throws(PacketError) {
        if !isAtEnd { throw PacketError("it goes on after its end") }
    }
}
