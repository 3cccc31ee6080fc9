/// Puts together what a `PacketReader` takes apart: numbers little end first, texts after their
/// length.
struct PacketWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(byte: UInt8) { bytes.append(byte) }

    mutating func append(number: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    mutating func append(signed number: Int32) { append(number: UInt32(bitPattern: number)) }

    mutating func append(text: String) {
        let utf8 = text.utf8
        append(number: UInt32(utf8.count))
        bytes += utf8
    }

    mutating func append(texts: [String]) {
        append(number: UInt32(texts.count))
        for text in texts { append(text: text) }
    }
}
