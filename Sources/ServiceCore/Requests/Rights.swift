import HandoverCore
import Settings

extension Service {
    /// Why a wish is not granted to who asks; nil where it is.
    package func refusal(of wish: Wish, as role: Role) -> String? {
        switch role {
        case .owner: return nil
        case .member: break
        }
        let needed = right(for: wish)
        guard settings.controlGroupMay < needed else { return nil }
        let group = settings.controlGroup.map { " of \($0)" } ?? " of the control group"
        let deed =
            switch needed {
            case .command: "have another command run"
            case .operate: "change the service"
            case .look: "see the service"
            }
        return "the members\(group) may not \(deed): only its owner and root, or with "
            + "ControlGroupMay=\(needed.rawValue)"
    }

    /// What it takes to be granted a wish.
    private func right(for wish: Wish) -> ControlRight {
        switch wish {
        case .status, .history: .look
        case .upgrade(_, _, _?, _, _, _): .command
        case .upgrade(let command?, _, nil, _, _, _) where !isNamedByOwner(command): .command
        case .upgrade, .promote, .hold, .abort, .rollback, .rollbackTo, .restart, .drain, .stop,
            .reexec, .changeFlow:
            .operate
        }
    }

    /// Whether a command is the present one, or that of the settings.
    private func isNamedByOwner(_ command: [String]) -> Bool {
        command == machine.launch?.command || command == settings.startedCommand
    }
}
