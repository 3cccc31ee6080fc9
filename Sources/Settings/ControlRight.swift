/// What may be asked over the control socket, each with what stands before it.
package enum ControlRight: String, CaseIterable, Comparable, Sendable {
    /// To see the status and to follow events.
    case look
    /// To upgrade, roll back, restart, drain and stop, with the programs that the owner has named.
    case operate
    /// To name another command, which then runs as the workers' user.
    case command

    package static func < (left: ControlRight, right: ControlRight) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    static func parse(_ text: String) throws(ValueError) -> ControlRight {
        try named(text, "a right")
    }
}
