/// How packets on a link look; numbers little-endian. README.md says it for people.
///
/// ```
/// datagrams: 1, version 1, count (2), 0 (4); each: length (4), 0 (4), received (8),
///            source (24), destination (24), payload, zeros up to a multiple of 8
/// message:   2, version 1, 0 (6); payload
/// address:   family (2): 4, 6 or 0; port (2), scope (4), address (16)
/// ```
enum LinkPacket {
    static let version: UInt8 = 1
    static let datagrams: UInt8 = 1
    static let message: UInt8 = 2
    static let headerSize = 8
    static let recordSize = 64
    /// One datagram of the greatest size that UDP has, or many small ones.
    static let largest = headerSize + recordSize + 65_536
    /// The longest message of an application.
    static let largestMessage = 65_536

    static func padded(_ count: Int) -> Int { (count + 7) & ~7 }
}
