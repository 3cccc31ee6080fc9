import CKernel

/// Who is at the other end of a local socket, as the kernel knows it.
package struct PeerCredentials: Hashable, Sendable {
    /// 0 for a process of another pid namespace.
    package let pid: Int32
    package let uid: UInt32
    package let gid: UInt32

    init(_ raw: relevo_credentials) {
        pid = raw.pid
        uid = raw.uid
        gid = raw.gid
    }
}
