import Kernel
import Settings

extension ServiceSettings {
    /// Who may speak to the service.
    func admission() throws(SupervisorError) -> Admission {
        do throws(KernelError) {
            return Admission(
                group: try controlGroup.map { (name) throws(KernelError) in
                    try Self.groupID(name)
                })
        } catch {
            throw SupervisorError("ControlGroup=: \(error)", isBadSetting: true)
        }
    }

    /// What an administrator is to know of a control group whose members reach workers that run as the
    /// supervisor's own user.
    var remarkOnControlGroup: (text: String, isWarning: Bool)? {
        guard let controlGroup, user == nil else { return nil }
        let uid = ProcessIdentity.effectiveUser
        let who = uid == 0 ? "root" : "user \(uid)"
        switch controlGroupMay {
        case .look: return nil
        case .operate:
            return (
                "members of \(controlGroup) may upgrade and stop the service, whose workers run as "
                    + "\(who), for User= is not set; they may not change its command", false
            )
        case .command:
            return (
                "members of \(controlGroup) may run any program as \(who) (ControlGroupMay=command "
                    + "without User=)", true
            )
        }
    }
}
