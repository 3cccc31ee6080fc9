import Glibc

/// As whom a process runs.
package struct ProcessIdentity: Hashable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    /// The supplementary groups.
    package var groups: [UInt32]

    package init(uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }

    /// The effective user of this process.
    package static var effectiveUser: UInt32 { geteuid() }
    /// The effective group of this process.
    package static var effectiveGroup: UInt32 { getegid() }
    /// The real user of this process.
    package static var realUser: UInt32 { getuid() }
    /// This process's number.
    package static var processID: Int32 { getpid() }
}
