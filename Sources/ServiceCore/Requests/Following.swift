package import HandoverCore

/// Settings that name another command or number of workers than what runs: they are followed by one
/// upgrade, after the handover that is in the way.
package struct Following: Hashable, Sendable {
    /// What the predecessor's settings named, while ours have not taken effect; nil once they are
    /// followed, or a newer upgrade was asked for.
    package private(set) var former: Launch?

    package init(former: Launch? = nil) { self.former = former }

    /// Somebody asked for an upgrade that is under way: what the settings named before is out of date.
    mutating func isOutdated() { former = nil }

    /// The launch that the settings want now, asked for once.
    ///
    /// - Parameters:
    ///   - wanted: what the settings name; nil where they name no command.
    ///   - present: what the current generation was started from.
    mutating func take(_ wanted: Launch?, present: Launch?, isIdle: Bool) -> Launch? {
        guard former != nil, isIdle else { return nil }
        // Before it is asked for: when it fails this is called again.
        former = nil
        guard let wanted, present.map({ !wanted.isSame(as: $0) }) ?? true else { return nil }
        return wanted
    }
}
