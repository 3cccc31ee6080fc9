import Glibc

/// Sets one fixed-size socket option.
func setOption<Value: BitwiseCopyable>(
    _ call: StaticString, of socket: Int32, level: Int32 = SOL_SOCKET, _ name: Int32,
    to value: Value
) throws(KernelError) {
    try check(call) {
        unsafe withUnsafePointer(to: value) { pointer in
            unsafe setsockopt(
                socket, level, name, pointer, socklen_t(MemoryLayout<Value>.size))
        }
    }
}

/// Reads one fixed-size socket option; what the kernel leaves out keeps its initial value.
func option<Value: BitwiseCopyable>(
    _ call: StaticString, of socket: Int32, level: Int32 = SOL_SOCKET, _ name: Int32,
    initial: Value
) throws(KernelError) -> Value {
    var value = initial
    var length = socklen_t(MemoryLayout<Value>.size)
    try check(call) {
        unsafe withUnsafeMutablePointer(to: &value) { pointer in
            unsafe getsockopt(socket, level, name, pointer, &length)
        }
    }
    return value
}

/// The address that getsockname(2) or getpeername(2) gives; nil for a family that is not IP.
func address(
    _ call: StaticString,
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
) throws(KernelError) -> SocketAddress? {
    var raw = RawSocketAddress()
    try check(call) { unsafe raw.withRoom { unsafe body($0, $1) } }
    return raw.address
}

/// A new CLOEXEC socket.
func createSocket(
    _ domain: Int32, _ type: __socket_type, nonBlocking: Bool = false, protocol number: Int32 = 0
) throws(KernelError) -> OwnedDescriptor {
    var flags = Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    if nonBlocking { flags |= Int32(SOCK_NONBLOCK.rawValue) }
    return OwnedDescriptor(adopting: try check("socket") { socket(domain, flags, number) })
}
