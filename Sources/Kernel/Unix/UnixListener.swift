import CKernel
import Glibc
import SystemPackage

/// A local socket that others connect to. Its file stays when the owner goes away, because a
/// successor may hold the same socket: whoever ends the service removes it.
package struct UnixListener: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// Takes over a descriptor that is a listening local socket.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Binds and listens, non-blocking; a dead socket's file is replaced, a live one is
    /// `addressInUse`.
    package init(
        at address: UnixAddress, kind: UnixSocketKind, mode: UInt32 = 0o600, backlog: Int32 = 128
    ) throws(KernelError) {
        let bound = try boundUnixSocket(kind.type, at: address, mode: mode, nonBlocking: true)
        let number = bound.number
        try check("listen", on: "\(address)") { Glibc.listen(number, backlog) }
        descriptor = bound
    }

    /// Listens once more, as the process that those see who connect from now on.
    package borrowing func listen(backlog: Int32 = 128) throws(KernelError) {
        let number = descriptor.number
        try check("listen") { Glibc.listen(number, backlog) }
    }

    /// Takes one connection, non-blocking; nil when none waits.
    package borrowing func accept() throws(KernelError) -> UnixConnection? {
        guard let accepted = try descriptor.acceptConnection() else { return nil }
        return UnixConnection(adopting: accepted)
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}

/// A local socket bound to an address, its file with no more than the mode from birth.
///
/// A socket file that nobody listens on is replaced; one that answers is "address in use". Two
/// processes that do so at once are not told apart: a lock on the folder is the caller's.
func boundUnixSocket(
    _ type: __socket_type, at address: UnixAddress, mode: UInt32, nonBlocking: Bool
) throws(KernelError) -> OwnedDescriptor {
    let created = try createSocket(AF_UNIX, type, nonBlocking: nonBlocking)
    let raw = try address.raw(for: "bind")
    let number = created.number
    // The file gets the socket's own mode, so nobody can connect before a chmod.
    try check("fchmod", on: "\(address)") { fchmod(number, mode) }
    do throws(KernelError) {
        try check("bind", on: "\(address)") {
            unsafe raw.withBytes { unsafe bind(number, $0, $1) }
        }
    } catch {
        guard error.errno == .addressInUse, !address.isAbstract,
            try isAbandoned(type, at: address, raw)
        else { throw error }
        try removeFile(address.description)
        try check("bind", on: "\(address)") {
            unsafe raw.withBytes { unsafe bind(number, $0, $1) }
        }
    }
    // The umask may have taken rights away, such as a group's right to write.
    if !address.isAbstract { try changeMode(of: address.description, to: mode) }
    return created
}

/// Whether a path is a socket that no process has open.
private func isAbandoned(
    _ type: __socket_type, at address: UnixAddress, _ raw: RawSocketAddress
) throws(KernelError) -> Bool {
    guard let status = try FileStatus(of: address.description, followingLinks: false) else {
        return true
    }
    guard status.kind == .socket else { return false }
    let probe = try createSocket(AF_UNIX, type, nonBlocking: true)
    let number = probe.number
    do throws(KernelError) {
        try check("connect", on: "\(address)") {
            unsafe raw.withBytes { unsafe connect(number, $0, $1) }
        }
        return false
    } catch {
        return error.errno == .connectionRefused || error.errno == .noSuchFileOrDirectory
    }
}

/// The address of a local socket: a path, or a name in the abstract namespace written `@name`.
package struct UnixAddress: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// At most 107 bytes (unix(7)); longer ones are refused when they are used.
    package init(_ text: String) { description = text }

    /// Whether it is a name that no file stands for.
    package var isAbstract: Bool { description.hasPrefix("@") }

    func raw(for call: String) throws(KernelError) -> RawSocketAddress {
        var bytes = Array(description.utf8)
        guard !bytes.isEmpty, !bytes.contains(0) else {
            throw KernelError(call, .invalidArgument, on: description)
        }
        if isAbstract { bytes[0] = 0 }
        guard let address = RawSocketAddress(unix: bytes) else {
            throw KernelError(call, .fileNameTooLong, on: description)
        }
        return address
    }
}

extension RawSocketAddress {
    /// A local address of these bytes, a leading zero for an abstract one; nil when too long.
    init?(unix bytes: [UInt8]) {
        let start = MemoryLayout<sa_family_t>.size
        var unix = sockaddr_un()
        guard bytes.count < MemoryLayout.size(ofValue: unix.sun_path) else { return nil }
        unix.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &unix) { room in
            for (index, byte) in bytes.enumerated() { unsafe room[start + index] = byte }
        }
        // A path counts its NUL, an abstract name is as long as the length says.
        let length = start + bytes.count + (bytes.first == 0 ? 0 : 1)
        self.init(unix, length: length)
    }
}
