import Kernel

/// What both ends of the channel agree on.
enum PacketFormat {
    /// The first byte of every packet. A supervisor that is newer than its keeper speaks the
    /// keeper's, which outlives a change of the supervisor's program.
    static let version: UInt8 = 1
    /// No packet is longer; what does not fit goes into a memory file.
    static let longest = 16_384
    /// SCM_MAX_FD of the kernel.
    static let mostDescriptors = 253
    /// What either end takes.
    static let limits = PacketStream.Limits(
        longest: longest, mostDescriptors: mostDescriptors, batch: 64)

    static func begin(_ kind: UInt8) -> PacketWriter {
        var writer = PacketWriter()
        writer.append(byte: version)
        writer.append(byte: kind)
        return writer
    }

    static func reader(of bytes: [UInt8]) throws(PacketError) -> (kind: UInt8, PacketReader) {
        var reader = PacketReader(bytes)
        let version = try reader.byte()
        guard version == Self.version else {
            throw PacketError("its format is \(version), known is \(Self.version)")
        }
        return (kind: try reader.byte(), reader)
    }
}
