import Kernel

/// Who may speak to the service through its runtime folder.
struct Admission {
    /// Its members may, besides the service's owner and root.
    let group: UInt32?

    /// The mode of a socket for those.
    var mode: UInt32 { group == nil ? 0o600 : 0o660 }

    /// Opens a socket's file to the group.
    func open(_ path: String) throws(KernelError) {
        guard let group else { return }
        try changeOwner(of: path, uid: ProcessIdentity.effectiveUser, gid: group)
    }

    /// Whether it is the service's owner or root, whom no group's members may keep out.
    static func isOwner(_ peer: PeerCredentials) -> Bool {
        peer.uid == 0 || peer.uid == ProcessIdentity.effectiveUser
    }

    func admits(_ peer: PeerCredentials, _ socket: borrowing UnixConnection) -> Bool {
        if Self.isOwner(peer) { return true }
        guard let group else { return false }
        return peer.gid == group || ((try? socket.peerGroups()) ?? []).contains(group)
    }
}
