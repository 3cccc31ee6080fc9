/// One key that a settings file says otherwise than it runs.
package struct SettingsDifference: Equatable, Sendable {
    /// When the file's value takes effect.
    package enum Effect: Equatable, Sendable {
        case at(Setting.Moment)
        /// Never: an option of `relevo run` has said it.
        case optionWins
    }

    /// The listener whose key it is; nil for one of [Service].
    package let listener: ListenAddress?
    package let key: String
    /// The lines' values, none where nothing is said.
    package let running: [String]
    package let file: [String]
    package let effect: Effect

    package init(
        listener: ListenAddress?, key: String, running: [String], file: [String], effect: Effect
    ) {
        self.listener = listener
        self.key = key
        self.running = running
        self.file = file
        self.effect = effect
    }
}

extension ServiceSettings {
    /// How a file differs from what runs.
    ///
    /// - Parameters:
    ///   - running: with the listeners that the current generation serves; adopted ones do not count.
    ///   - former: what counts as said by the file so far. Where what runs is something else, an option has won.
    package func differences(
        from running: ServiceSettings, former: ServiceSettings
    ) -> [SettingsDifference] {
        var found: [SettingsDifference] = []
        for key in ServiceSettings.keys {
            let (now, before) = (key.values(self), key.values(running))
            // It runs with the name by which it is found.
            guard now != before, key.name != "Name" else { continue }
            // A command may be another upgrade's: the file's comes with the next one by it.
            let isOption =
                key.values(former) != before && !["Command", "Workers"].contains(key.name)
            let shown = key.name == "Environment" ? Self.namesAlone : { $0 }
            found.append(
                SettingsDifference(
                    listener: nil, key: key.name, running: shown(before), file: shown(now),
                    effect: isOption ? .optionWins : .at(key.takesEffect ?? .restart)))
        }
        // Those that the file has never named are options'.
        for one in running.unadopted.listeners
        where !listeners.contains(one.address) && former.listeners.contains(one.address) {
            found.append(.address(one.address, runs: true))
        }
        for one in listeners {
            guard let other = running.listeners.first(where: { $0.address == one.address }) else {
                found.append(.address(one.address, runs: false))
                continue
            }
            let before = former.listeners.first { $0.address == one.address }
            if !other.isAdopted { found += one.differences(from: other, former: before) }
        }
        return found
    }

    /// Values may be secret.
    private static func namesAlone(_ lines: [String]) -> [String] {
        lines.map { "\($0.prefix { $0 != "=" })=..." }
    }
}

extension ListenerSettings {
    fileprivate func differences(
        from running: ListenerSettings, former: ListenerSettings?
    ) -> [SettingsDifference] {
        ListenerDraft.keys.compactMap { key in
            let (now, before) = (
                key.values(ListenerDraft(self)), key.values(ListenerDraft(running))
            )
            guard now != before else { return nil }
            let isOption = former.map { key.values(ListenerDraft($0)) != before } ?? false
            return SettingsDifference(
                listener: address, key: key.name, running: before, file: now,
                effect: isOption ? .optionWins : .at(key.takesEffect ?? .start))
        }
    }
}

extension SettingsDifference {
    fileprivate static func address(_ address: ListenAddress, runs: Bool) -> SettingsDifference {
        SettingsDifference(
            listener: address, key: "Address", running: runs ? ["\(address)"] : [],
            file: runs ? [] : ["\(address)"], effect: .at(.reload))
    }
}

extension [ListenerSettings] {
    fileprivate func contains(_ address: ListenAddress) -> Bool {
        contains { $0.address == address }
    }
}
