/// A frame's first 24 bytes, whole by their own checksum; whether its payload is, is another
/// question.
struct FrameHead {
    let sequence: UInt64
    let sum: UInt64
    let length: Int

    init?(_ bytes: Span<UInt8>, at offset: Int, salt: UInt64) {
        guard bytes.count - offset >= RecordLayout.frameHeadSize else { return nil }
        let check = Checksum.of(bytes.extracting(offset..<offset + 20), seed: salt)
        guard bytes.little32(offset + 20) == UInt32(truncatingIfNeeded: check) else { return nil }
        sequence = bytes.little64(offset)
        sum = bytes.little64(offset + 8)
        length = Int(bytes.little32(offset + 16))
    }
}
