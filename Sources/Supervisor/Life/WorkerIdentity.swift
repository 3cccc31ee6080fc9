import Kernel
import Settings
import SystemPackage

extension ServiceSettings {
    /// As whom the workers run; nil for the supervisor's own user and groups.
    func workerIdentity() throws(SupervisorError) -> ProcessIdentity? {
        if user == nil, group == nil { return nil }
        do throws(KernelError) {
            var gid: UInt32?
            if let group { gid = try Self.groupID(group) }
            guard let user else {
                return ProcessIdentity(
                    uid: ProcessIdentity.effectiveUser, gid: gid ?? ProcessIdentity.effectiveGroup)
            }
            if let account = try UserAccount(named: user) { return try account.identity(gid: gid) }
            guard let uid = UInt32(user) else {
                throw KernelError("look up", .noSuchFileOrDirectory, on: "user \(user)")
            }
            if let account = try UserAccount(uid: uid) { return try account.identity(gid: gid) }
            // A number without an account, as containers have them.
            return ProcessIdentity(uid: uid, gid: gid ?? uid)
        } catch {
            throw SupervisorError("\(error)", isBadSetting: true)
        }
    }

    /// The number of a group that is given by name or number.
    static func groupID(_ name: String) throws(KernelError) -> UInt32 {
        if let number = try groupNumber(named: name) ?? UInt32(name) { return number }
        throw KernelError("look up", .noSuchFileOrDirectory, on: "group \(name)")
    }
}
