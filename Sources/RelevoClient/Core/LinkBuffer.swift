/// The room for one packet, allocated once. Nobody else has the memory, so it may change threads
/// with its owner.
@safe
struct LinkBuffer: ~Copyable, @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(size: Int) {
        unsafe bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
    }

    deinit { unsafe bytes.deallocate() }

    func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, at offset: Int) {
        unsafe bytes.storeBytes(
            of: number.littleEndian, toByteOffset: offset, as: Number.self)
    }

    func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type, at offset: Int
    ) -> Number {
        unsafe Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }

    func store(_ address: InternetAddress?, at offset: Int) {
        store(UInt16(address?.family ?? 0), at: offset)
        store(address?.port ?? 0, at: offset + 2)
        store(address?.scope ?? 0, at: offset + 4)
        // The address itself as it is in a packet: in network order.
        let isShort = address?.family == 4
        let low = address?.low ?? 0
        store((isShort ? low << 32 : address?.high ?? 0).byteSwapped, at: offset + 8)
        store((isShort ? 0 : low).byteSwapped, at: offset + 16)
    }

    func loadAddress(at offset: Int) -> InternetAddress? {
        let port = load(UInt16.self, at: offset + 2)
        let first = load(UInt64.self, at: offset + 8).byteSwapped
        switch load(UInt16.self, at: offset) {
        case 4: return InternetAddress(family: 4, port: port, low: first >> 32)
        case 6:
            return InternetAddress(
                family: 6, port: port, scope: load(UInt32.self, at: offset + 4), high: first,
                low: load(UInt64.self, at: offset + 16).byteSwapped)
        default: return nil
        }
    }
}
