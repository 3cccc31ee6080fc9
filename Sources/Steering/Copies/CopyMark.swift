import SteeringABI

/// What tells the program that a datagram is a copy, and for whom: see `relevo_mark`.
package struct CopyMark: Equatable, Sendable {
    let placement: Int
    /// The keyed hash of the placement and of the datagram's addresses: nobody else can make one.
    let tag: UInt64

    /// One that means nothing to any program.
    package static let none = CopyMark(placement: 0, tag: 0)

    /// The option that it is in, in a header of IPv4 or IPv6.
    func option(isIPv6: Bool) -> [UInt8] {
        let head = UInt16(isIPv6 ? RELEVO_COPY_OPTION6 : RELEVO_COPY_OPTION)
        // The program reads the tag as it lies in memory.
        return bytes(head.bigEndian) + bytes(UInt16(placement).bigEndian) + bytes(tag)
    }
}

/// The bytes of a number as they lie in memory.
func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    var rest = number.littleEndian
    return (0..<type(of: number).bitWidth / 8).map { _ in
        defer { rest >>= 8 }
        return UInt8(truncatingIfNeeded: rest)
    }
}
