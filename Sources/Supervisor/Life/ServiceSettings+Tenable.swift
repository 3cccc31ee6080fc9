import Kernel
import Settings

extension ServiceSettings {
    /// Puts settings of before in the place of those that cannot take effect: workers that serve are not
    /// ended for a user or a group that does not exist, or that may not be given.
    mutating func keepTenable(
        _ former: ServiceSettings, in runtime: RuntimeDirectory, _ tell: (String) -> Void
    ) {
        do throws(SupervisorError) {
            _ = try workerIdentity()
        } catch {
            tell("User= and Group= are left as they were before: \(error)")
            (user, group) = (former.user, former.group)
        }
        guard let fault = controlGroupFault(in: runtime) else { return }
        let advice = "SupplementaryGroups= of the unit lets it be given"
        let wanted = controlGroup ?? ""
        controlGroup = former.controlGroup
        if former.controlGroup == nil || controlGroupFault(in: runtime) != nil {
            controlGroup = nil
            tell(
                "ControlGroup=\(wanted) is not in effect, nobody but the owner is let in: \(fault) (\(advice))"
            )
        } else {
            tell("ControlGroup= is left as it was before: \(fault) (\(advice))")
        }
    }

    /// Why the control socket cannot be given to its group, found out by trying.
    private func controlGroupFault(in runtime: RuntimeDirectory) -> String? {
        guard let controlGroup else { return nil }
        let probe = "\(runtime.path)/control-group"
        defer { _ = try? removeFile(probe) }
        do {
            try writeFile(probe, [], mode: 0o600)
            try Admission(group: try Self.groupID(controlGroup)).open(probe)
            return nil
        } catch {
            return "\(error)"
        }
    }
}
