/// A record as it was found, before anybody judges what it says.
package struct RecordReading: Equatable, Sendable {
    package let versions: RecordVersions
    package private(set) var parts: [RecordKey: [UInt8]] = [:]
    /// How many batches were read, the snapshot among them.
    package private(set) var batches = 0
    /// The area that holds; a continued log leaves it alone.
    let area: Int
    /// The number of the frame that would be next.
    private(set) var nextSequence: UInt64

    /// The bytes at the start of the file that `place` wants to see.
    package static let headRange = 0..<RecordLayout.headSize

    /// Where in the file the bytes are that `init` wants to see. The file may end before.
    ///
    /// - Parameter head: The bytes of `headRange`, fewer where the file ends before.
    package static func place(head: [UInt8]) throws(RecordFault) -> Range<Int> {
        guard let area = try RecordLayout.holder(inHead: head) else { throw .empty }
        return RecordLayout.areaRange(area)
    }

    /// Reads a whole file.
    ///
    /// - Parameter version: The format that the caller understands.
    package init(file: [UInt8], understanding version: Int) throws(RecordFault) {
        let head = Array(file.prefix(RecordLayout.headSize))
        let place = try Self.place(head: head)
        let bytes = file[min(place.lowerBound, file.count)..<min(place.upperBound, file.count)]
        try self.init(head: head, area: Array(bytes), understanding: version)
    }

    /// Reads the area that holds.
    ///
    /// - Parameters:
    ///   - head: As for `place`.
    ///   - bytes: The bytes of the place, fewer where the file ends before.
    ///   - version: The format that the caller understands.
    package init(
        head: [UInt8], area bytes: [UInt8], understanding version: Int
    ) throws(RecordFault) {
        guard let area = try RecordLayout.holder(inHead: head) else { throw .empty }
        let offset = RecordLayout.areaOffset(area)
        guard let areaHead = AreaHead(bytes.span) else { throw .damaged(at: offset) }
        versions = areaHead.versions
        self.area = area
        nextSequence = areaHead.sequence
        guard versions.readableFrom <= version else {
            throw .tooNew(
                formatVersion: versions.format, readableFrom: versions.readableFrom,
                understood: version)
        }
        var at = RecordLayout.areaHeadSize
        while let payload = frame(in: bytes, at: at, salt: areaHead.salt) {
            guard apply(ChangeReader(bytes, in: payload)) else { throw .damaged(at: offset + at) }
            nextSequence &+= 1
            batches += 1
            at = (payload.upperBound + 7) & ~7
        }
        guard batches > 0, !hasLaterFrame(in: bytes, from: at, salt: areaHead.salt) else {
            throw .damaged(at: offset + at)
        }
    }

    /// Takes the parts of kinds that the caller does not know out of `parts`.
    ///
    /// - Returns: Those that may be left alone.
    /// - Throws: `unknownKind` for the first that may not.
    package mutating func setAside(
        unlessKnown isKnown: (UInt16) -> Bool
    ) throws(RecordFault) -> [RecordKey: [UInt8]] {
        let unknown = parts.filter { !isKnown($0.key.kind) }
        if let refused = unknown.keys.filter({ !$0.isSkippable }).min() {
            throw .unknownKind(refused.kind)
        }
        for key in unknown.keys { parts[key] = nil }
        return unknown
    }

    /// The payload of the next frame, if it is whole.
    private func frame(in bytes: [UInt8], at offset: Int, salt: UInt64) -> Range<Int>? {
        guard let head = FrameHead(bytes.span, at: offset, salt: salt),
            head.sequence == nextSequence
        else { return nil }
        let start = offset + RecordLayout.frameHeadSize
        guard head.length <= bytes.count - start else { return nil }
        let payload = start..<start + head.length
        guard Checksum.of(bytes.span.extracting(payload), seed: salt) == head.sum else {
            return nil
        }
        return payload
    }

    /// Whether what ends the log is no torn write: something was written behind it.
    private func hasLaterFrame(in bytes: [UInt8], from start: Int, salt: UInt64) -> Bool {
        // An area has no room for more frames than that.
        let later = nextSequence &+ 1...nextSequence &+ UInt64(bytes.count)
        let span = bytes.span
        var at = start
        while at <= bytes.count - RecordLayout.frameHeadSize {
            if later.contains(span.little64(at)), FrameHead(span, at: at, salt: salt) != nil {
                return true
            }
            at += 8
        }
        return false
    }

    /// - Returns: Whether they were a writer's.
    private mutating func apply(_ changes: ChangeReader) -> Bool {
        var changes = changes
        while let change = changes.next() {
            switch change {
            case .set(let key, let value): parts[key] = value
            case .removed(let key): parts[key] = nil
            }
            guard parts.count <= RecordLayout.mostParts else { return false }
        }
        return !changes.isBroken
    }
}
