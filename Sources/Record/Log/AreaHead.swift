/// An area's first 32 bytes.
struct AreaHead {
    var versions: RecordVersions
    var salt: UInt64
    /// Of the snapshot.
    var sequence: UInt64

    init(versions: RecordVersions, salt: UInt64, sequence: UInt64) {
        self.versions = versions
        self.salt = salt
        self.sequence = sequence
    }

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= RecordLayout.areaHeadSize else { return nil }
        guard bytes.little32(24) == 0, bytes.little32(28) == Self.check(bytes) else { return nil }
        versions = RecordVersions(format: bytes.little32(0), readableFrom: bytes.little32(4))
        salt = bytes.little64(8)
        sequence = bytes.little64(16)
        // Nobody has written so many; and a sum with one does not overflow.
        guard sequence <= UInt64.max / 2 else { return nil }
    }

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: RecordLayout.areaHeadSize)
        bytes.put(UInt32(truncatingIfNeeded: versions.format), at: 0)
        bytes.put(UInt32(truncatingIfNeeded: versions.readableFrom), at: 4)
        bytes.put(salt, at: 8)
        bytes.put(sequence, at: 16)
        bytes.put(Self.check(bytes.span), at: 28)
        return bytes
    }

    private static func check(_ bytes: Span<UInt8>) -> UInt32 {
        UInt32(truncatingIfNeeded: Checksum.of(bytes.extracting(0..<28), seed: 0))
    }
}
