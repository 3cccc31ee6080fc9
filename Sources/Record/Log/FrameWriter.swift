/// Puts a frame together, see `RecordLayout`.
struct FrameWriter {
    private(set) var bytes: [UInt8]
    private let start: Int

    /// A frame behind bytes that go into the same write.
    init(behind head: [UInt8] = [], room: Int) {
        start = head.count
        bytes = []
        bytes.reserveCapacity(head.count + RecordLayout.frameHeadSize + room + 8)
        bytes += head
        for _ in 0..<RecordLayout.frameHeadSize { bytes.append(0) }
    }

    mutating func set(_ key: RecordKey, _ value: [UInt8]) {
        bytes.appendVarint(UInt64(value.count) + 1)
        append(key)
        bytes += value
    }

    mutating func remove(_ key: RecordKey) {
        bytes.append(0)
        append(key)
    }

    private mutating func append(_ key: RecordKey) {
        bytes.appendVarint(UInt64(key.kind))
        bytes.appendZigzag(key.first)
        bytes.appendZigzag(key.second)
        bytes.appendZigzag(key.third)
    }

    /// The bytes of the write, as long as frames may be, a multiple of 8.
    consuming func finished(sequence: UInt64, salt: UInt64) -> [UInt8] {
        let payload = start + RecordLayout.frameHeadSize
        let length = UInt32(bytes.count - payload)
        let sum = Checksum.of(bytes.span.extracting(payload..<bytes.count), seed: salt)
        bytes.put(sequence, at: start)
        bytes.put(sum, at: start + 8)
        bytes.put(length, at: start + 16)
        let check = Checksum.of(bytes.span.extracting(start..<start + 20), seed: salt)
        bytes.put(UInt32(truncatingIfNeeded: check), at: start + 20)
        while bytes.count % 8 != 0 { bytes.append(0) }
        return bytes
    }
}
