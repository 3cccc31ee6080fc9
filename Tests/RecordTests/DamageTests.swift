import TestSeeds
import Testing

@testable import Record

/// What a reader says of bytes that no writer has left, and of those of other versions.
@Suite struct DamageTests {
    private let key = RecordKey(kind: 1, 4)

    /// A snapshot and three batches, and where each of them begins in the area.
    private func history() throws -> (file: FileModel, frames: [Int]) {
        var log = RecordLog()
        var file = FileModel()
        var frames: [Int] = []
        for value in 0..<4 as Range<UInt8> {
            frames.append(try file.state == nil ? 32 : try file.holding.count)
            file.carryOut(try log.append([.set(key, [value, value])]))
        }
        return (file, frames)
    }

    @Test func aChangedByteAnywhereIsDamageOrTheEndOfTheLog() throws {
        let (file, frames) = try history()
        for byte in try file.holding.indices {
            for mask in [1, 0x80, 0xff] as [UInt8] {
                let changed = try file.changing { $0[byte] ^= mask }
                let outcome = Result { () throws(RecordFault) in try changed.read() }
                switch outcome {
                case .success(let reading):
                    // The last batch, or the bytes that fill up behind a frame.
                    let isLast = byte >= frames[3]
                    let isAll = reading.batches == 4
                    #expect(reading.parts[key] == (isAll ? [3, 3] : [2, 2]) && (isAll || isLast))
                case .failure(let fault):
                    guard case .damaged = fault else {
                        Issue.record("byte \(byte) is told as \(fault)")
                        return
                    }
                    #expect(byte < frames[3])
                }
            }
        }
    }

    @Test func aFrameThatIsMissingIsDamageIfOneFollows() throws {
        let (file, frames) = try history()
        let zeroed = try file.changing {
            for byte in frames[1]..<frames[2] { $0[byte] = 0 }
        }
        let offset = RecordLayout.areaOffset(0) + frames[1]
        #expect(throws: RecordFault.damaged(at: offset)) { try zeroed.read() }
        let cutOut = try file.changing { $0.removeSubrange(frames[1]..<frames[2]) }
        #expect(throws: RecordFault.damaged(at: offset)) { try cutOut.read() }
    }

    @Test func theSnapshotMustBeWhole() throws {
        let (file, frames) = try history()
        for count in 0..<frames[1] - 7 {
            let cut = try file.changing { $0.removeSubrange(count...) }
            #expect(throws: RecordFault.self) { try cut.read() }
        }
    }

    @Test func whatIsBehindTheLogDoesNotCount() throws {
        let (file, frames) = try history()
        let whole = try file.read()
        let older = try file.holding
        let tails: [[UInt8]] = [
            [UInt8](repeating: 0, count: 5000), [UInt8](repeating: 0xff, count: 5000),
            // Frames of before.
            Array(older[frames[1]...]), Array(older[frames[3]...]),
            Array(older[(frames[1] + 8)...]),
        ]
        for tail in tails {
            #expect(try file.changing { $0 += tail }.read() == whole)
        }
    }

    @Test func theLogOfAnAreasEarlierLifeIsNotReadOn() throws {
        var log = RecordLog()
        var file = FileModel()
        for value in 0..<30 as Range<UInt8> {
            file.carryOut(try log.append([.set(key, [value])]))
        }
        // Twice, without giving anything back: it is in the first area again.
        for _ in 0..<2 { file.carryOut(log.compact().filter { $0.length > 1 || !$0.isRelease }) }
        #expect(try file.holding.count > 800)
        #expect(try file.read().batches == 1)
        file.carryOut(try log.append([.set(key, [77])]))
        #expect(try file.read().parts == [key: [77]])
    }

    @Test func aValueThatLooksLikeAFrameIsNone() throws {
        // What a worker could make that knows all but the salt.
        var forged = FrameWriter(room: 10)
        forged.set(key, [66])
        let bytes = forged.finished(sequence: 3, salt: 0)
        var log = RecordLog(seed: 99)
        var file = FileModel()
        file.carryOut(try log.append([]))
        file.carryOut(try log.append([.set(key, bytes + bytes)]))
        for cut in 0..<200 {
            let torn = try file.changing { $0.removeLast(min(cut, $0.count - 60)) }
            let parts = try torn.read().parts
            #expect(parts == [:] || parts == [key: bytes + bytes])
        }
    }

    @Test func theHolderIsChecked() throws {
        let (file, _) = try history()
        for byte in 0...UInt8.max where byte != RecordLayout.holderByte(0) {
            var other = file
            other.put([byte], at: RecordLayout.holderAt)
            #expect(throws: RecordFault.self) { try other.read() }
        }
        for bit in 0..<8 {
            var other = file
            other.put([RecordLayout.holderByte(0) ^ 1 << bit], at: RecordLayout.holderAt)
            #expect(throws: RecordFault.damaged(at: 8)) { try other.read() }
        }
        for (index, byte) in file.head.enumerated() where index < RecordLayout.holderAt {
            var other = file
            other.put([byte ^ 1], at: index)
            #expect(throws: RecordFault.notOurs) { try other.read() }
        }
        #expect(throws: RecordFault.empty) { try FileModel().read() }
    }

    @Test func aSequenceNumberThatWouldOverflowIsDamage() throws {
        let (file, _) = try history()
        for sequence in [UInt64.max / 2 + 1, .max - 1, .max] {
            let head = AreaHead(
                versions: RecordVersions(format: 1, readableFrom: 1), salt: 1, sequence: sequence)
            var frame = FrameWriter(behind: head.bytes, room: 0)
            frame.set(key, [1])
            let bytes = frame.finished(sequence: sequence, salt: 1)
            let forged = try file.changing { $0 = bytes }
            #expect(throws: RecordFault.damaged(at: RecordLayout.areaOffset(0))) {
                try forged.read()
            }
        }
    }

    @Test func anOlderReaderReadsWhatItMay() throws {
        var log = RecordLog(versions: RecordVersions(format: 5, readableFrom: 3), salt: 1)
        var file = FileModel()
        file.carryOut(try log.append([.set(key, [1])]))
        #expect(try file.read(understanding: 3).versions.format == 5)
        #expect(throws: RecordFault.tooNew(formatVersion: 5, readableFrom: 3, understood: 2)) {
            try file.read(understanding: 2)
        }
    }

    @Test func kindsThatMayBeLeftAloneAreSetAside() throws {
        var log = RecordLog()
        var file = FileModel()
        let skippable = RecordKey(kind: 0x8001)
        file.carryOut(try log.append([.set(key, [1]), .set(skippable, [2])]))
        var reading = try file.read()
        #expect(try reading.setAside(unlessKnown: { $0 == 1 }) == [skippable: [2]])
        #expect(reading.parts == [key: [1]])
        file.carryOut(try log.append([.set(RecordKey(kind: 9), [])]))
        reading = try file.read()
        #expect(throws: RecordFault.unknownKind(9)) {
            try reading.setAside(unlessKnown: { $0 == 1 })
        }
    }

    @Test func aWholeFileIsReadAsItsPartsAre() throws {
        let (file, _) = try history()
        let padding = [UInt8](repeating: 0, count: 4096 - file.head.count)
        let bytes = file.head + padding + (try file.holding)
        #expect(try RecordReading(file: bytes, understanding: 1) == file.read())
        for count in 0..<16 {
            #expect(throws: RecordFault.self) {
                try RecordReading(file: Array(bytes.prefix(count)), understanding: 1)
            }
        }
        #expect(throws: RecordFault.notOurs) {
            try RecordReading(file: Array("RELEVO".utf8) + [0, 1] + bytes, understanding: 1)
        }
    }

    @Test func randomBytesNeverTrap() throws {
        var random = SeededGenerator(seed: 5)
        let (file, frames) = try history()
        for _ in 0..<2000 {
            let changed = try file.changing { area in
                for _ in 0..<Int.random(in: 1..<40, using: &random) {
                    area[Int.random(in: frames[0]..<area.count, using: &random)] =
                        UInt8.random(in: 0...255, using: &random)
                }
            }
            _ = try? changed.read()
            let payload = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            var changes = ChangeReader(payload, in: 0..<payload.count)
            while changes.next() != nil {}
        }
    }
}

extension RecordWrite {
    fileprivate var isRelease: Bool {
        switch self {
        case .bytes: false
        case .release: true
        }
    }
}
