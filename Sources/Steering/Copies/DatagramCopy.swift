package import Kernel

/// A datagram that is sent once more: with its own addresses, to this machine, with a mark for each that
/// may know its session.
package struct DatagramCopy {
    package let flow: FlowTuple
    private let isIPv6: Bool
    private let trafficClass: UInt8
    /// The UDP header and the payload, the same in every copy.
    private let segment: [UInt8]

    /// - Parameters:
    ///   - local: where it was sent to, with the port.
    ///   - trafficClass: the byte of the header that has DSCP and ECN.
    /// - Returns: nil where the addresses are of different families, or it is larger than a datagram is.
    package init?(
        from peer: SocketAddress, to local: SocketAddress, trafficClass: UInt8,
        payload: [UInt8]
    ) {
        guard let flow = FlowTuple(peer: peer, local: local), payload.count <= 65_507 else {
            return nil
        }
        self.flow = flow
        self.trafficClass = trafficClass
        isIPv6 = flow.peer.isIPv6
        var segment =
            Self.network(flow.peer.port) + Self.network(flow.local.port)
            + Self.network(UInt16(8 + payload.count)) + [0, 0]
        segment += payload
        let sum = Self.checksum(
            Self.address(flow.peer) + Self.address(flow.local) + [0, 17] + segment[4..<6], segment)
        segment.replaceSubrange(6..<8, with: Self.network(sum == 0 ? 0xffff : sum))
        self.segment = segment
    }

    /// The packets of one copy: one, or fragments where it is larger than a packet may be.
    ///
    /// - Parameters:
    ///   - most: bytes of a packet.
    ///   - number: tells the fragments of different copies apart.
    package func packets(
        _ mark: CopyMark, most: Int = 65_535, number: UInt32 = 0
    ) -> [[UInt8]] {
        let head = isIPv6 ? 56 : 32
        if head + segment.count <= most {
            return [packet(mark, segment[...], offset: 0, isLast: true, number: nil)]
        }
        // Fragments begin at multiples of eight bytes.
        let room = (most - head - (isIPv6 ? 8 : 0)) / 8 * 8
        return stride(from: 0, to: segment.count, by: room).map { offset in
            let end = min(segment.count, offset + room)
            return packet(
                mark, segment[offset..<end], offset: offset, isLast: end == segment.count,
                number: number)
        }
    }

    private func packet(
        _ mark: CopyMark, _ part: ArraySlice<UInt8>, offset: Int, isLast: Bool, number: UInt32?
    ) -> [UInt8] {
        isIPv6
            ? packet6(mark, part, offset: offset, isLast: isLast, number: number)
            : packet4(mark, part, offset: offset, isLast: isLast, number: number)
    }

    /// A packet that got out by accident would end at the first router: it may make one hop.
    private static let hops: UInt8 = 1

    private func packet4(
        _ mark: CopyMark, _ part: ArraySlice<UInt8>, offset: Int, isLast: Bool, number: UInt32?
    ) -> [UInt8] {
        // The first fragment's options are those of the whole.
        let options = offset == 0 ? mark.option(isIPv6: false) : []
        let more: UInt16 = isLast ? 0 : 0x2000
        // Without a number it is not to be cut.
        let place = number == nil ? 0x4000 : more | UInt16(offset / 8)
        var bytes: [UInt8] = [0x40 | UInt8(5 + options.count / 4), trafficClass]
        bytes += Self.network(UInt16(20 + options.count + part.count))
        // 0 would have the kernel choose another one for each fragment.
        bytes += Self.network(number.map { UInt16(1 + $0 % 65_535) } ?? 0)
        bytes += Self.network(place) + [Self.hops, 17, 0, 0]
        bytes += Self.address(flow.peer) + Self.address(flow.local) + options
        return bytes + part
    }

    private func packet6(
        _ mark: CopyMark, _ part: ArraySlice<UInt8>, offset: Int, isLast: Bool, number: UInt32?
    ) -> [UInt8] {
        let udp: UInt8 = 17
        let fragment: UInt8 = 44
        let options: UInt8 = 60
        // Padded by two bytes to the eight that a header's length is told in.
        var extra = [number == nil ? udp : fragment, 1] + mark.option(isIPv6: true) + [1, 0]
        if let number {
            extra += [udp, 0] + Self.network(UInt16(offset) | (isLast ? 0 : 1))
            extra += Self.network(number)
        }
        var bytes: [UInt8] = [0x60 | trafficClass >> 4, trafficClass << 4, 0, 0]
        bytes += Self.network(UInt16(extra.count + part.count)) + [options, Self.hops]
        bytes += Self.address(flow.peer) + Self.address(flow.local)
        return bytes + extra + part
    }

    /// In the order of the network.
    private static func network(_ number: some FixedWidthInteger) -> [UInt8] {
        bytes(number.byteSwapped)
    }

    private static func address(_ address: SocketAddress) -> [UInt8] {
        switch address {
        case .ipv4(let bits, _): network(bits)
        case .ipv6(let bits, _, _): network(bits)
        }
    }

    /// The checksum of RFC 1071 over both.
    private static func checksum(_ head: [UInt8], _ segment: [UInt8]) -> UInt16 {
        var sum: UInt64 = 0
        for part in [head, segment] {
            for at in stride(from: 0, to: part.count, by: 2) {
                sum += UInt64(part[at]) << 8 | (at + 1 < part.count ? UInt64(part[at + 1]) : 0)
            }
        }
        while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
        return ~UInt16(sum)
    }
}
