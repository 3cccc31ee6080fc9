import Testing

@testable import Record

@Suite struct RecordLogTests {
    private let worker = RecordKey(kind: 1, 3, 17)
    private let listener = RecordKey(kind: 2, 2)

    @Test func theLastValueOfAPartCounts() throws {
        var log = RecordLog()
        var file = FileModel()
        file.carryOut(try log.append([.set(worker, [1]), .set(listener, [2])]))
        file.carryOut(try log.append([.set(worker, [3]), .removed(listener)]))
        file.carryOut(try log.append([.set(listener, []), .set(worker, [4]), .set(worker, [5])]))
        let reading = try file.read()
        #expect(reading.parts == [worker: [5], listener: []])
        #expect(reading.batches == 3)
        #expect(log.parts == reading.parts)
    }

    @Test func keysAndLengthsOfAnySizeComeBack() throws {
        var log = RecordLog()
        var file = FileModel()
        let numbers = [0, 1, -1, 63, 64, 127, 128, 300, -70_000, .max, .min]
        var parts: [RecordKey: [UInt8]] = [:]
        for (index, number) in numbers.enumerated() {
            let key = RecordKey(kind: UInt16(truncatingIfNeeded: number), number, 5, ~number)
            parts[key] = [UInt8](repeating: UInt8(index), count: index * 37)
        }
        file.carryOut(try log.append(parts.map { .set($0.key, $0.value) }))
        #expect(try file.read().parts == parts)
    }

    @Test func whatDidNotChangeIsNotWritten() throws {
        var log = RecordLog()
        _ = try log.append([.set(worker, [1])])
        #expect(try log.append([.set(worker, [1]), .removed(listener)]) == [])
        let writes = try log.append([.set(worker, [1]), .set(listener, [2])])
        var other = RecordLog()
        _ = try other.append([.set(worker, [1])])
        #expect(try other.append([.set(listener, [2])]) == writes)
    }

    @Test func anEmptyRecordIsARecord() throws {
        var log = RecordLog()
        var file = FileModel()
        file.carryOut(try log.append([]))
        #expect(try file.read().parts == [:])
        #expect(try log.append([]) == [])
    }

    @Test func whatABatchWritesDependsOnWhatItChanges() throws {
        var sizes: Set<Int> = []
        for count in [1, 64, 512, 4096] {
            var log = RecordLog()
            _ = try log.append(
                (0..<count).map { .set(RecordKey(kind: 1, 1, $0), [1, 2, 3]) })
            let writes = try log.append([.set(RecordKey(kind: 1, 1, 0), [4, 5, 6])])
            #expect(writes.count == 1)
            sizes.insert(writes[0].length)
        }
        #expect(sizes == [32])
    }

    @Test func aLogIsCompactedBeforeItIsTooLong() throws {
        var log = RecordLog()
        var file = FileModel()
        let ballast = RecordKey(kind: 9)
        file.carryOut(try log.append([.set(ballast, [UInt8](repeating: 1, count: 100_000))]))
        var snapshots = 0
        var written = 0
        for round in 0..<60 {
            let value = [UInt8](repeating: UInt8(round), count: 20_000)
            let writes = try log.append([.set(worker, value)])
            file.carryOut(writes)
            written += writes.reduce(0) { $0 + $1.length }
            if writes.count > 1 { snapshots += 1 }
            #expect(try file.holding.count <= RecordLayout.smallestWorthCompacting)
            #expect(!log.needsCompaction)
        }
        #expect(try file.read().parts == log.parts)
        // 1.2 MB were changed, in logs that have room for 7 changes each.
        #expect(snapshots == 7)
        #expect(written < 60 * 20_000 * 2)
    }

    @Test func areasGrowAndShrinkWithTheRecord() throws {
        var log = RecordLog()
        var file = FileModel()
        var places: [Range<Int>] = []
        for count in [1, 5, 20, 20, 1, 1] {
            let old = log.parts.keys.map { RecordChange.removed($0) }
            file.carryOut(try log.append(old))
            file.carryOut(
                try log.append(
                    (0..<count).map {
                        .set(
                            RecordKey(kind: 1, $0),
                            [UInt8](repeating: UInt8($0), count: 900_000))
                    }))
            file.carryOut(log.compact())
            #expect(try file.read().parts == log.parts)
            places.append(try RecordReading.place(head: file.head))
        }
        let mebibytes = places.map { $0.count >> 20 }
        #expect(mebibytes == [2, 16, 64, 64, 2, 2])
    }

    @Test func areasDoNotOverlap() {
        var end = 4096
        for area in 0..<RecordLayout.areaCount {
            let range = RecordLayout.areaRange(area)
            #expect(range.lowerBound == end)
            #expect(range.count % 4096 == 0)
            end = range.upperBound
        }
        let largest = RecordLayout.areaSize(RecordLayout.areaCount - 1)
        #expect(largest >> 20 == 64)
    }

    @Test func whatIsTooLargeIsRefusedAndNothingDone() throws {
        var log = RecordLog()
        var file = FileModel()
        file.carryOut(try log.append([.set(worker, [1])]))
        let tooLong = [UInt8](repeating: 0, count: RecordLayout.longestValue + 1)
        #expect(throws: RecordFull.self) {
            try log.append([.set(listener, [1]), .set(worker, tooLong)])
        }
        #expect(log.parts == [worker: [1]])
        let longest = [UInt8](repeating: 7, count: RecordLayout.longestValue)
        for number in 0..<7 {
            file.carryOut(try log.append([.set(RecordKey(kind: 3, number), longest)]))
        }
        #expect(throws: RecordFull.self) {
            try log.append([.set(RecordKey(kind: 3, 7), longest)])
        }
        file.carryOut(log.compact())
        #expect(try file.read().parts.count == 8)
    }

    @Test func aSuccessorLeavesTheOldRecordUntilItsOwnIsWhole() throws {
        var log = RecordLog()
        var file = FileModel()
        file.carryOut(try log.append([.set(worker, [1]), .set(listener, [2])]))
        let reading = try file.read()
        var next = RecordLog(
            continuing: reading, parts: [worker: [1]],
            versions: RecordVersions(format: 2, readableFrom: 1), salt: 9)
        let writes = try next.append([.set(worker, [3])])
        #expect(writes.count == 3)
        file.carryOut(writes[0])
        #expect(try file.read() == reading)
        file.carryOut(writes[1])
        #expect(try file.read().parts == [worker: [3]])
        #expect(try file.read().versions.format == 2)
    }
}
