/// Where everything is in the record's file. All numbers are little-endian.
///
/// ```
/// file   0  8  "RELEVO\0\2"
///        8  1  the holder: 0 while no area holds, else the area's number n as n << 4 | ~n & 15
///        9  7  0
///     4096     the areas, number 0 to 15. Numbers 2c and 2c + 1 are (512 KiB << c) long
///              and lie behind those with lower numbers.
/// area   0  4  format version    4  4  readableFrom
///        8  8  salt             16  8  sequence number of the first frame
///       24  4  0                28  4  low half of XXH64(0, area bytes 0 to 27)
///       32     frames. The first is the snapshot, the whole record; each further one is a batch
///              of changes. They follow each other at multiples of 8; bytes between are 0.
/// frame  0  8  sequence number, one more than that of the frame before
///        8  8  XXH64(salt, payload)
///       16  4  length of the payload
///       20  4  low half of XXH64(salt, frame bytes 0 to 19)
///       24     payload: changes, one after the other
/// change       varint 0 for a part that is removed, else 1 + length of the value
///              varint kind; three zigzag varints, the key's numbers; the value
/// ```
///
/// A varint is LEB128, as short as it can be. What lies behind the last frame of an area has no
/// meaning: it is 0, a part of a frame that was not finished, or left from an earlier use of the
/// area.
///
/// **If the writer is killed** between any two bytes of any write, the file holds the record
/// before the batch or the record after it. A frame that is not whole counts as absent. A snapshot
/// is written to an area that does not hold; then one byte, the holder, makes it hold.
///
/// **Damage is reported** if a head, the snapshot or the holder is not whole, or if a frame is not
/// whole and a frame with a higher number lies behind it. Damage to the last frame looks the same
/// as a write that was not finished: the record of the batch before it is read.
///
/// **Frames of an earlier use** of an area are never read as frames of this one, because their
/// numbers are lower: only an area that holds gets more than one frame, and the number of a
/// snapshot is higher than that of every finished frame before it. The salt keeps anyone whose
/// text is in a value from making it look like a frame.
enum RecordLayout {
    static let magic: [UInt8] = Array("RELEVO".utf8) + [0, 2]
    static let holderAt = 8
    static let headSize = 16
    static let areaHeadSize = 32
    static let frameHeadSize = 24

    private static let firstArea = 4096
    private static let smallestArea = 512 << 10
    static let areaCount = 16

    /// Values of one part; longer ones are refused by writer and reader.
    static let longestValue = 4 << 20
    static let mostParts = 1 << 20
    /// Of a snapshot, as `entrySize` counts.
    static let largestSnapshot = 30 << 20
    /// A log that is shorter is not worth being compacted, unless there is nothing else to do.
    static let smallestWorthCompacting = 256 << 10

    /// When there is nothing else to do, from this length on.
    static let smallestWorthTidying = 16 << 10

    /// The start of a file in which nothing holds.
    static var newHead: [UInt8] { magic + [0, 0, 0, 0, 0, 0, 0, 0] }

    static func areaSize(_ area: Int) -> Int { smallestArea << (area / 2) }

    static func areaOffset(_ area: Int) -> Int {
        let size = areaSize(area)
        return firstArea + 2 * (size - smallestArea) + (area % 2) * size
    }

    static func areaRange(_ area: Int) -> Range<Int> {
        areaOffset(area)..<areaOffset(area) + areaSize(area)
    }

    /// The area for a snapshot: one that does not hold, with as much room again behind it.
    static func area(forSnapshot size: Int, besides holder: Int?) -> Int {
        var area = 0
        while area + 2 < areaCount, areaSize(area) < 2 * size + smallestWorthCompacting {
            area += 2
        }
        return area == holder ? area + 1 : area
    }

    static func holderByte(_ area: Int) -> UInt8 { UInt8(area << 4 | (~area & 15)) }

    /// What the holder says; nil where nothing holds.
    ///
    /// - Throws: where it is no holder.
    static func holder(inHead head: [UInt8]) throws(RecordFault) -> Int? {
        guard head.count >= headSize else {
            // A file that was killed while it was made.
            guard head.elementsEqual(newHead.prefix(head.count)) else {
                throw .notOurs
            }
            return nil
        }
        guard head.starts(with: magic) else { throw .notOurs }
        let byte = head[holderAt]
        guard head[(holderAt + 1)..<headSize].allSatisfy({ $0 == 0 }) else {
            throw .damaged(at: holderAt)
        }
        if byte == 0 { return nil }
        let area = Int(byte >> 4)
        guard byte == holderByte(area) else { throw .damaged(at: holderAt) }
        return area
    }

    /// At least the bytes that a part takes in a snapshot.
    static func entrySize(_ value: [UInt8]) -> Int { value.count + 40 }
}
