import Glibc

/// An address in the form that the kernel takes and gives.
struct RawSocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    /// Room for an address that the kernel is about to fill in.
    init() { length = socklen_t(MemoryLayout<sockaddr_storage>.size) }

    init(_ unix: sockaddr_un, length: Int) {
        self.length = 0
        place(unix)
        self.length = socklen_t(length)
    }

    init(_ address: SocketAddress) {
        switch address {
        case .ipv4(let bits, let port):
            length = 0
            var inet = sockaddr_in()
            inet.sin_family = sa_family_t(AF_INET)
            inet.sin_port = port.bigEndian
            inet.sin_addr.s_addr = bits.bigEndian
            place(inet)
        case .ipv6(let bits, let port, let scope):
            length = 0
            var inet = sockaddr_in6()
            inet.sin6_family = sa_family_t(AF_INET6)
            inet.sin6_port = port.bigEndian
            inet.sin6_scope_id = scope
            inet.sin6_addr = unsafe unsafeBitCast(bits.bigEndian, to: in6_addr.self)
            place(inet)
        }
    }

    /// An address out of another process's memory; nil where it is too short for its family.
    init?(bytes: [UInt8]) {
        self.init()
        let room = MemoryLayout<sockaddr_storage>.size
        guard bytes.count >= MemoryLayout<sa_family_t>.size, bytes.count <= room else { return nil }
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyBytes(from: bytes) }
        length = socklen_t(bytes.count)
        switch Int32(storage.ss_family) {
        case AF_INET where bytes.count < MemoryLayout<sockaddr_in>.size: return nil
        // The kernel takes one that ends before the scope.
        case AF_INET6 where bytes.count < MemoryLayout<sockaddr_in6>.size - 4: return nil
        default: break
        }
    }

    /// The address as a value; nil when it is of another family.
    var address: SocketAddress? {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let inet = read(as: sockaddr_in.self)
            return .ipv4(
                UInt32(bigEndian: inet.sin_addr.s_addr), port: UInt16(bigEndian: inet.sin_port))
        case AF_INET6:
            let inet = read(as: sockaddr_in6.self)
            let bits = unsafe unsafeBitCast(inet.sin6_addr, to: UInt128.self)
            return .ipv6(
                UInt128(bigEndian: bits), port: UInt16(bigEndian: inet.sin6_port),
                scope: inet.sin6_scope_id)
        default: return nil
        }
    }

    /// For the structures of the kernel that have an address in them.
    var wholeStorage: sockaddr_storage { storage }

    /// Lends the bytes to a call that reads an address.
    func withBytes<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, length)
            }
        }
    }

    /// Lends the room to a call that writes an address and its length.
    mutating func withRoom<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        unsafe withUnsafeMutablePointer(to: &length) { length in
            unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, length)
                }
            }
        }
    }

    private mutating func place<Address>(_ value: Address) {
        length = socklen_t(MemoryLayout<Address>.size)
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.storeBytes(of: value, as: Address.self)
        }
    }

    private func read<Address>(as type: Address.Type) -> Address {
        unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: type) }
    }
}
