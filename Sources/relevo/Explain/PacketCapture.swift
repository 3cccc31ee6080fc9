/// The packets of a file that tcpdump or Wireshark has written: pcap or pcapng, of either byte order.
struct PacketCapture {
    /// A packet as it was captured.
    struct Packet: Equatable {
        let link: UInt32
        let bytes: [UInt8]
        /// How long it was before it was cut.
        let length: Int
    }

    /// Why a file is none.
    struct Mistake: Error, Equatable {
        let text: String
    }

    /// In their order.
    private(set) var packets: [Packet] = []
    /// Whether the file ends in the middle of one.
    private(set) var isCut = false

    private static let classicMagics: Set<UInt32> = [0xa1b2_c3d4, 0xa1b2_3c4d]
    private static let sectionBlock: UInt32 = 0x0a0d_0d0a
    private static let byteOrder: UInt32 = 0x1a2b_3c4d

    init(_ bytes: [UInt8]) throws(Mistake) {
        let reader = WordReader(bytes, isBig: false)
        guard let magic = reader.word(0) else {
            throw Mistake(text: "it is too short for a pcap file")
        }
        if Self.classicMagics.contains(magic) {
            try readClassic(reader)
        } else if Self.classicMagics.contains(magic.byteSwapped) {
            try readClassic(WordReader(bytes, isBig: true))
        } else if magic == Self.sectionBlock {
            try readBlocks(bytes)
        } else {
            throw Mistake(text: "it is neither pcap nor pcapng")
        }
    }

    private mutating func readClassic(_ reader: WordReader) throws(Mistake) {
        guard let link = reader.word(20) else { throw Mistake(text: "its header is cut") }
        var at = 24
        while at < reader.bytes.count {
            guard let kept = reader.word(at + 8), let length = reader.word(at + 12),
                let bytes = reader.bytes(at + 16, Int(kept))
            else {
                isCut = true
                return
            }
            // The upper bits may tell of a checksum behind each frame.
            packets.append(
                Packet(
                    link: link & 0x0fff_ffff, bytes: bytes, length: max(Int(length), bytes.count)))
            at += 16 + Int(kept)
        }
    }

    private mutating func readBlocks(_ bytes: [UInt8]) throws(Mistake) {
        var reader = WordReader(bytes, isBig: false)
        var links: [(link: UInt32, most: UInt32)] = []
        var at = 0
        while at < bytes.count {
            if reader.word(at) == Self.sectionBlock {
                guard let order = WordReader(bytes, isBig: false).word(at + 8) else {
                    isCut = true
                    return
                }
                guard [Self.byteOrder, Self.byteOrder.byteSwapped].contains(order) else {
                    throw Mistake(text: "a section of it has no byte order")
                }
                reader = WordReader(bytes, isBig: order != Self.byteOrder)
                links = []
            }
            guard let kind = reader.word(at), let size = reader.word(at + 4) else {
                isCut = true
                return
            }
            guard size >= 12, size.isMultiple(of: 4) else {
                throw Mistake(text: "a block of it has the size \(size)")
            }
            guard at + Int(size) <= bytes.count else {
                isCut = true
                return
            }
            switch kind {
            case 1:
                guard size >= 20, let link = reader.word(at + 8), let most = reader.word(at + 12)
                else { throw Mistake(text: "an interface of it is not described") }
                links.append((reader.isBig ? link >> 16 : link & 0xffff, most))
            case 6: try take(reader, at, size, header: 28, interface: reader.word(at + 8), links)
            case 3: try takeSimple(reader, at, size, links)
            default: break
            }
            at += Int(size)
        }
    }

    private mutating func take(
        _ reader: WordReader, _ at: Int, _ size: UInt32, header: Int, interface: UInt32?,
        _ links: [(link: UInt32, most: UInt32)]
    ) throws(Mistake) {
        guard Int(size) >= header + 4, let interface, Int(interface) < links.count,
            let kept = reader.word(at + 20), let length = reader.word(at + 24),
            Int(kept) <= Int(size) - header - 4, let bytes = reader.bytes(at + header, Int(kept))
        else { throw Mistake(text: "a packet of it is longer than its block") }
        packets.append(
            Packet(
                link: links[Int(interface)].link, bytes: bytes,
                length: max(Int(length), bytes.count)))
    }

    private mutating func takeSimple(
        _ reader: WordReader, _ at: Int, _ size: UInt32, _ links: [(link: UInt32, most: UInt32)]
    ) throws(Mistake) {
        guard size >= 16, let first = links.first, let length = reader.word(at + 8) else {
            throw Mistake(text: "a packet of it has no interface")
        }
        let most = first.most == 0 ? Int(length) : min(Int(length), Int(first.most))
        let kept = min(most, Int(size) - 16)
        guard let bytes = reader.bytes(at + 12, kept) else {
            throw Mistake(text: "a packet of it is longer than its block")
        }
        packets.append(Packet(link: first.link, bytes: bytes, length: Int(length)))
    }
}

/// Numbers in bytes, never read past their end.
private struct WordReader {
    let bytes: [UInt8]
    let isBig: Bool

    init(_ bytes: [UInt8], isBig: Bool) {
        self.bytes = bytes
        self.isBig = isBig
    }

    func word(_ at: Int) -> UInt32? {
        guard let four = bytes(at, 4) else { return nil }
        let ordered = isBig ? four : four.reversed()
        return ordered.reduce(0) { $0 << 8 | UInt32($1) }
    }

    func bytes(_ at: Int, _ count: Int) -> [UInt8]? {
        guard at >= 0, count >= 0, at <= bytes.count, count <= bytes.count - at else { return nil }
        return Array(bytes[at..<at + count])
    }
}
