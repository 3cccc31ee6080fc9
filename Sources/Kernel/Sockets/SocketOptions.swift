import CKernel
import Glibc
import SystemPackage

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

/// Makes one socket like another, for a program that takes it for that one: options and file flags.
///
/// - Returns: what could not be carried over, as the man pages call it, with the reason.
package func carryOptions(
    from source: borrowing some DescriptorHolder & ~Copyable,
    to target: borrowing some DescriptorHolder & ~Copyable
) -> [String] {
    source.withRaw { source in
        target.withRaw { target in
            optionsLeft(from: source, to: target) + buffersLeft(from: source, to: target)
                + flagsLeft(from: source, to: target)
        }
    }
}

private func optionsLeft(from source: Int32, to target: Int32) -> [String] {
    var left: [String] = []
    var index = 0
    while let option = unsafe relevo_option_at(index) {
        index += 1
        do throws(KernelError) {
            try check("setsockopt") { unsafe relevo_option_carry(option, source, target) }
        } catch {
            left.append("\(unsafe String(cString: option.pointee.label)) (\(error.errno))")
        }
    }
    if relevo_has_filter(source) != 0 { left.append("SO_ATTACH_FILTER") }
    return left
}

/// Buffers are never made smaller: nobody misses what is not dropped.
private func buffersLeft(from source: Int32, to target: Int32) -> [String] {
    var left: [String] = []
    let buffers: [(StaticString, Int32, (Int32, Int) throws(KernelError) -> Void)] = [
        (
            "SO_RCVBUF", SO_RCVBUF,
            { (socket, size) throws(KernelError) in
                try growReceiveBuffer(of: socket, to: size)
            }
        ),
        (
            "SO_SNDBUF", SO_SNDBUF,
            { (socket, size) throws(KernelError) in
                try growSendBuffer(of: socket, to: size)
            }
        ),
    ]
    for (label, name, grow) in buffers {
        do throws(KernelError) {
            let wanted = try option("getsockopt", of: source, name, initial: Int32(0))
            let present = try option("getsockopt", of: target, name, initial: Int32(0))
            // The kernel counts twice what it is asked for.
            if wanted > present { try grow(target, Int(wanted) / 2) }
        } catch {
            left.append("\(label) (\(error.errno))")
        }
    }
    return left
}

/// The flags belong to the open description, which only the worker and we have.
private func flagsLeft(from source: Int32, to target: Int32) -> [String] {
    do throws(KernelError) {
        let wanted = try check("fcntl F_GETFL") { fcntl(source, F_GETFL) }
        let present = try check("fcntl F_GETFL") { fcntl(target, F_GETFL) }
        let flags = present & ~O_NONBLOCK | wanted & O_NONBLOCK
        if flags != present { try check("fcntl F_SETFL") { fcntl(target, F_SETFL, flags) } }
        return wanted & O_ASYNC == 0 ? [] : ["O_ASYNC"]
    } catch {
        return ["O_NONBLOCK (\(error.errno))"]
    }
}

/// What a socket's queues hold, without reading them (SO_MEMINFO, sock(7)).
package struct SocketMemory: Hashable, Sendable {
    /// Bytes of kernel memory held by datagrams that nobody has read.
    package let receiveAllocated: Int
    /// The limit of that, as the kernel counts it.
    package let receiveLimit: Int
    /// Datagrams dropped since the socket exists, the receive buffer being full.
    package let drops: UInt32

    /// SK_MEMINFO_VARS words as the kernel writes them.
    struct Words: BitwiseCopyable {
        var receiveAllocated: UInt32 = 0
        var receiveLimit: UInt32 = 0
        var sendAllocated: UInt32 = 0
        var sendLimit: UInt32 = 0
        var forwarded: UInt32 = 0
        var sendQueued: UInt32 = 0
        var options: UInt32 = 0
        var backlog: UInt32 = 0
        var drops: UInt32 = 0
    }

    init(_ words: Words) {
        receiveAllocated = Int(words.receiveAllocated)
        receiveLimit = Int(words.receiveLimit)
        drops = words.drops
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// The number by which the kernel knows a socket, whichever of its descriptors is asked.
    package borrowing func socketCookie() throws(KernelError) -> UInt64 {
        try withRaw { (number) throws(KernelError) in
            try option("getsockopt SO_COOKIE", of: number, SO_COOKIE, initial: UInt64(0))
        }
    }

    /// The number of the network namespace that a socket is in (SO_NETNS_COOKIE); nil before Linux 5.14,
    /// which does not tell it.
    package borrowing func networkCookie() throws(KernelError) -> UInt64? {
        do throws(KernelError) {
            return try withRaw { (number) throws(KernelError) in
                try option(
                    "getsockopt SO_NETNS_COOKIE", of: number, Int32(RELEVO_SO_NETNS_COOKIE),
                    initial: UInt64(0))
            }
        } catch {
            guard error.errno == .protocolNotAvailable else { throw error }
            return nil
        }
    }
}
