import Glibc
import SystemPackage

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
    // What the umask took away, a group's right to write say.
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
