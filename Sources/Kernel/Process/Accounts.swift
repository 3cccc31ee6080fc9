import CKernel
import Glibc
import SystemPackage

/// A user of the system (passwd(5) or what stands in for it).
package struct UserAccount: Hashable, Sendable {
    package let name: String
    package let uid: UInt32
    /// The primary group.
    package let gid: UInt32
    package let home: String

    /// The user of this name; nil when there is none.
    package init?(named name: String) throws(KernelError) {
        var record = relevo_user()
        try check("getpwnam", on: name) { unsafe relevo_user_named(name, &record) }
        guard record.found == 1 else { return nil }
        self.init(record)
    }

    /// The user with this number; nil when there is none.
    package init?(uid: UInt32) throws(KernelError) {
        var record = relevo_user()
        try check("getpwuid", on: "\(uid)") { unsafe relevo_user_numbered(uid, &record) }
        guard record.found == 1 else { return nil }
        self.init(record)
    }

    private init(_ record: relevo_user) {
        name = text(of: record.name)
        home = text(of: record.home)
        uid = record.uid
        gid = record.gid
    }

    /// Itself with all its groups, or with this primary group instead of its own.
    package func identity(gid: UInt32? = nil) throws(KernelError) -> ProcessIdentity {
        let gid = gid ?? self.gid
        var groups = [gid_t](repeating: 0, count: 64)
        while true {
            var count = Int32(groups.count)
            if unsafe getgrouplist(name, gid, &groups, &count) >= 0 {
                return ProcessIdentity(uid: uid, gid: gid, groups: Array(groups.prefix(Int(count))))
            }
            groups = [gid_t](repeating: 0, count: max(Int(count), groups.count * 2))
        }
    }
}

/// The number of a group; nil when there is none of this name.
package func groupNumber(named name: String) throws(KernelError) -> UInt32? {
    var gid: gid_t = 0
    let found = try check("getgrnam", on: name) { unsafe relevo_group_named(name, &gid) }
    return found == 1 ? gid : nil
}

/// The text in a fixed-size array of C characters.
private func text<Characters>(of characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
