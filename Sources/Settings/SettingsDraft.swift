/// Settings while they are put together from files and options; `finished` checks the whole.
package struct SettingsDraft: Sendable {
    private var service = ServiceSettings()
    private var listeners: [ListenerDraft] = []
    /// Where what belongs to no listener is reported.
    private var file = ""
    /// Where each key of [Service] was set last; those that options set are missing.
    private var places: [String: SettingsPlace] = [:]

    /// Nothing but defaults.
    package init() {}

    /// Reads a file and its drop-ins in order, the later over the earlier; all errors are found.
    package init(reading sources: [SettingsSource]) throws(SettingsErrors) {
        var mistakes: [SettingsError] = []
        self.init(reading: sources, mistakes: &mistakes)
        guard mistakes.isEmpty else { throw SettingsErrors(errors: mistakes) }
    }

    /// The same for who wants to know of what can be read, whatever cannot.
    package init(reading sources: [SettingsSource], mistakes: inout [SettingsError]) {
        var reader = SettingsReader()
        for source in sources { reader.read(source) }
        mistakes += reader.errors
        service = reader.service
        listeners = reader.listeners
        file = sources.first?.file ?? ""
        places = reader.places
    }

    /// Sets a key of [Service] as a line `key=value` would.
    package mutating func set(_ key: String, to value: String) throws(ValueError) {
        let key = try Keys.find(key, in: ServiceSettings.keys, section: "Service")
        try key.assign(value, to: &service)
        places[key.name] = nil
    }

    /// Adds a listener, unless there is one with this address already.
    ///
    /// - Parameter name: how workers know it, if it can be a name and no other listener has it.
    package mutating func addListener(
        _ address: String, name: String? = nil
    ) throws(ValueError) {
        var draft = ListenerDraft()
        let parsed = try ListenAddress.parse(address)
        guard !listeners.contains(where: { $0.address == parsed }) else { return }
        draft.address = parsed
        if let name, !listeners.contains(where: { $0.name == name }) {
            draft.name = try? Identifier.descriptorName(name)
        }
        listeners.append(draft)
    }

    /// Sets a key of every listener, of one transport alone if given.
    package mutating func setListeners(
        _ key: String, to value: String, of transport: Transport? = nil
    ) throws(ValueError) {
        let key = try Keys.find(key, in: ListenerDraft.keys, section: "Listener")
        for index in listeners.indices {
            if let transport, listeners[index].address?.transport != transport { continue }
            try key.assign(value, to: &listeners[index])
        }
    }

    /// Has what the server binds told, and nothing else done.
    package mutating func showBinds() { service.adopt = [.show] }

    package mutating func setCommand(_ words: [String]) { service.command = words }

    /// Whether what the server binds becomes listeners.
    package var adopts: Bool { !service.adopt.isEmpty }

    /// Whether a listener of this transport is there.
    package func hasListener(_ transport: Transport) -> Bool {
        listeners.contains { $0.address?.transport == transport }
    }

    /// A mistake in what a key of [Service] says, at its place.
    package func mistake(in key: String, _ message: String) -> SettingsError {
        let place = places[key] ?? SettingsPlace(file: file, line: 1)
        return SettingsError(
            file: place.file, line: place.line, message: "\(key)=: \(message)")
    }

    /// A mistake in what is said of a listener, at its place.
    package func mistake(in listener: ListenAddress, _ message: String) -> SettingsError {
        let draft = listeners.first { $0.address == listener }
        let place = draft.map { ($0.file.isEmpty ? file : $0.file, max($0.line, 1)) }
        return SettingsError(
            file: place?.0 ?? file, line: place?.1 ?? 1, message: "\(listener): \(message)")
    }

    /// The whole, checked: a command, a listener (unless sockets are inherited), no contradiction.
    package func finished(
        inheritsSockets: Bool = false
    ) throws(SettingsErrors) -> ServiceSettings {
        let (settings, mistakes) = checked(inheritsSockets: inheritsSockets)
        guard mistakes.isEmpty else { throw SettingsErrors(errors: mistakes) }
        return settings
    }

    /// The whole as far as it goes, and what is missing in it and contradicts.
    package func checked(
        inheritsSockets: Bool = false
    ) -> (settings: ServiceSettings, mistakes: [SettingsError]) {
        var checker = WholeChecker(file: file, places)
        let settings = checker.check(service, listeners, inheritsSockets: inheritsSockets)
        return (settings, checker.errors)
    }
}
