import Kernel
import Testing

@testable import Supervisor

@Suite struct RecordFileTests {
    private func read(_ file: borrowing RecordFile) throws -> Result<[UInt8], RecordFile.Fault> {
        try RecordFile.read(file.file)
    }

    @Test func aNewFileHoldsNoRecord() throws {
        let file = try RecordFile.new()
        #expect(try read(file) == .failure(.empty))
    }

    @Test func theLastRecordHolds() throws {
        var file = try RecordFile.new()
        for size in [0, 1, 100, 16_000, 20_000, 5, 300_000, 299_999, 7, 2_000_000, 3] {
            let record = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
            try file.write(record)
            #expect(try read(file) == .success(record))
        }
    }

    @Test func aSuccessorReadsItAndWritesOn() throws {
        var first = try RecordFile.new()
        try first.write([1, 2, 3])
        try first.write(Array(repeating: 9, count: 50_000))
        var next = try RecordFile.adopting(first.file.duplicate())
        #expect(try read(next) == .success(Array(repeating: 9, count: 50_000)))
        for length in [10, 70_000, 20] {
            try next.write(Array(repeating: 4, count: length))
            #expect(try read(first) == .success(Array(repeating: 4, count: length)))
        }
    }

    /// A writer that is killed before its last store has changed nothing that holds.
    @Test func aWriteCutShortLeavesTheOldRecord() throws {
        var file = try RecordFile.new()
        for size in [10, 20_000, 60_000, 30] {
            try file.write(Array(repeating: 1, count: size))
            let before = try file.file.contents()
            try file.write(Array(repeating: 2, count: size * 2))
            // All of the new write but the store that makes it hold.
            try file.file.write(Array(before[8..<16]), at: 8)
            #expect(try read(file) == .success(Array(repeating: 1, count: size)))
            file = try RecordFile.adopting(file.file.duplicate())
        }
    }

    @Test func whatIsNotARecordIsRefused() throws {
        let foreign = try MemoryFile(named: "foreign")
        #expect(try RecordFile.read(foreign) == .failure(.notOurs))
        try foreign.write(Array("hello, hello, hello, hello".utf8), at: 0)
        #expect(try RecordFile.read(foreign) == .failure(.notOurs))
    }

    @Test func damageIsFoundWhereverItIs() throws {
        var file = try RecordFile.new()
        try file.write(Array(0...255))
        let whole = try file.file.contents()
        let end = whole.count
        for offset in Array(8..<16) + Array((end - 272)..<end) {
            let damaged = try MemoryFile(named: "damaged")
            var bytes = whole
            bytes[offset] ^= 0x80
            try damaged.write(bytes, at: 0)
            switch try RecordFile.read(damaged) {
            case .success: Issue.record("damage at \(offset) was not found")
            case .failure: break
            }
            // Whoever writes on over it must not be led astray.
            var next = try RecordFile.adopting(damaged)
            try next.write([7])
            #expect(try RecordFile.read(next.file) == .success([7]))
        }
    }
}
