import Kernel

/// The memory file in which the supervisor's record outlives it, whole at every instant.
///
/// Format 1, all numbers of 8 bytes, little-endian: at 0 "RELEVO\0\1", at 8 the offset of the area
/// that holds. An area is the record's length, its FNV-1a checksum and its bytes. A new record goes
/// to an area that does not hold; then the one store at 8 makes it hold. So a writer killed at any
/// instruction leaves the old record or the new one.
struct RecordFile: ~Copyable {
    /// Why a file holds no record.
    enum Fault: Error, Equatable, CustomStringConvertible {
        case notOurs
        case empty
        case damaged

        var description: String {
            switch self {
            case .notOurs: "it is no record of a supervisor"
            case .empty: "no record was ever finished in it"
            case .damaged: "it is damaged"
            }
        }
    }

    private static let magic: [UInt8] = Array("RELEVO".utf8) + [0, 1]
    private static let holderAt = 8
    private static let firstArea = 4096
    private static let areaHeader = 16
    private static let smallestArea = 16_384
    /// Longer ones are refused when read: nobody has written them.
    static let longest = 64 << 20
    /// No area is ever that far.
    private static let furthest = longest * 32

    let file: MemoryFile
    /// Areas are numbered from 0; only in the write that makes them larger is number 2 used.
    private var areaSize: Int
    private var holding: Int?

    private init(_ file: consuming MemoryFile, areaSize: Int) {
        self.file = file
        self.areaSize = areaSize
    }

    /// A file without a record.
    static func new() throws(KernelError) -> RecordFile {
        let file = try MemoryFile(named: "relevo-record")
        try file.write(Self.magic + Self.bytes(of: 0), at: 0)
        return RecordFile(file, areaSize: smallestArea)
    }

    /// A predecessor's file; the next write leaves its record alone until it is done.
    static func adopting(_ file: consuming MemoryFile) throws(KernelError) -> RecordFile {
        let holder = try Self.number(in: file, at: Self.holderAt)
        let length = holder == 0 ? 0 : try Self.number(in: file, at: holder)
        // Where the areas were is not written down; beyond them all is free for sure.
        let end = min(max(holder, 0), Self.longest * 4) + min(max(length, 0), Self.longest)
        var areaSize = Self.smallestArea
        while Self.firstArea + 2 * areaSize < end + Self.areaHeader { areaSize *= 2 }
        return RecordFile(file, areaSize: areaSize)
    }

    /// Writes a first record that does not hold: that it can be written is all there is to know.
    func tryOut(_ record: [UInt8]) throws(KernelError) {
        try file.write(record, at: Self.firstArea + Self.areaHeader)
    }

    /// Replaces the record.
    mutating func write(_ record: [UInt8]) throws(KernelError) {
        let needed = record.count + Self.areaHeader
        let target: Int
        if let holding, needed <= areaSize {
            target = holding == 0 ? 1 : 0
        } else {
            while areaSize < needed * 2 { areaSize *= 2 }
            target = 2
        }
        let offset = Self.firstArea + target * areaSize
        try file.write(
            Self.bytes(of: record.count) + Self.bytes(of: Self.checksum(record)) + record,
            at: offset)
        try file.write(Self.bytes(of: offset), at: Self.holderAt)
        holding = target
    }

    /// The record that holds.
    static func read(
        _ file: borrowing MemoryFile
    ) throws(KernelError) -> Result<[UInt8], Fault> {
        guard try file.read(upTo: magic.count, at: 0) == magic else { return .failure(.notOurs) }
        let offset = try number(in: file, at: holderAt)
        guard offset != 0 else { return .failure(.empty) }
        guard offset >= firstArea, offset < furthest else { return .failure(.damaged) }
        let length = try number(in: file, at: offset)
        guard 0...longest ~= length else { return .failure(.damaged) }
        let record = try file.read(upTo: length, at: offset + areaHeader)
        guard record.count == length,
            try number(in: file, at: offset + 8) == checksum(record)
        else { return .failure(.damaged) }
        return .success(record)
    }

    /// 0 where the file ends before.
    private static func number(
        in file: borrowing MemoryFile, at offset: Int
    ) throws(KernelError) -> Int {
        guard offset >= 0 else { return 0 }
        let bytes = try file.read(upTo: 8, at: offset)
        return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private static func bytes(of number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    /// FNV-1a, 64 bits: it finds damage, not malice.
    private static func checksum(_ bytes: [UInt8]) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(bitPattern: UInt(hash))
    }
}
