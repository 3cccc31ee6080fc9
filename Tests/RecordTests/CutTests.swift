import TestSeeds
import Testing

@testable import Record

/// Random histories in which the writer is killed between any two bytes, fails, and has successors.
@Suite struct CutTests {
    @Test(arguments: 0..<25 as Range<UInt64>)
    func aWriterKilledAtAnyByteLeavesTheStateBeforeOrAfter(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var log = RecordLog(seed: random.next())
        var file = FileModel()
        for _ in 0..<14 {
            let before = try file.state
            let writes =
                Int.random(in: 0..<5, using: &random) == 0
                ? log.compact() : try log.append(Self.changes(&random))
            let after = log.parts
            try cutEverywhere(writes, in: file, before: before, after: after)
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where !writes.isEmpty:
                let index = Self.carryOutSome(of: writes, in: &file, &random)
                log.failed(at: index)
            case 1 where !writes.isEmpty:
                _ = Self.carryOutSome(of: writes, in: &file, &random)
                if try file.state == nil {
                    log = RecordLog(seed: random.next())
                } else {
                    log = RecordLog(continuing: try file.read(), seed: random.next())
                }
            default:
                file.carryOut(writes)
                #expect(try file.state == after)
            }
        }
    }

    private func cutEverywhere(
        _ writes: [RecordWrite], in file: FileModel, before: [RecordKey: [UInt8]]?,
        after: [RecordKey: [UInt8]]
    ) throws {
        var file = file
        var isAfter = false
        for write in writes {
            for count in 1...write.length {
                var cut = file
                cut.carryOut(write, upTo: count)
                let state = try cut.state
                guard state == before || state == after else {
                    Issue.record("after \(count) bytes of \(write) it is neither")
                    return
                }
                // Once it is there it does not go away again.
                guard state == after || !isAfter else {
                    Issue.record("after \(count) bytes of \(write) it is what was before")
                    return
                }
                isAfter = state == after && state != before
            }
            file.carryOut(write)
        }
        #expect(try file.state == after || writes.isEmpty)
    }

    /// Up to a byte of one write.
    private static func carryOutSome(
        of writes: [RecordWrite], in file: inout FileModel, _ random: inout SeededGenerator
    ) -> Int {
        let index = Int.random(in: 0..<writes.count, using: &random)
        file.carryOut(Array(writes[..<index]))
        let count = Int.random(in: 0..<writes[index].length, using: &random)
        if count > 0 { file.carryOut(writes[index], upTo: count) }
        return index
    }

    private static func changes(_ random: inout SeededGenerator) -> [RecordChange] {
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in
            let key = RecordKey(
                kind: UInt16.random(in: 0..<2, using: &random),
                Int.random(in: -1..<3, using: &random))
            if Int.random(in: 0..<4, using: &random) == 0 { return .removed(key) }
            let length = Int.random(in: 0..<24, using: &random)
            return .set(key, (0..<length).map { _ in UInt8.random(in: 0...1, using: &random) })
        }
    }
}
