import CKernel

/// Who is at the other end of a local socket, as the kernel knows it.
package struct PeerCredentials: Hashable, Sendable {
    /// 0 for a process of another pid namespace.
    package let pid: Int32
    package let uid: UInt32
    package let gid: UInt32

    /// As the kernel would tell them.
    package init(pid: Int32, uid: UInt32, gid: UInt32) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
    }

    init(_ raw: relevo_credentials) {
        pid = raw.pid
        uid = raw.uid
        gid = raw.gid
    }
}
