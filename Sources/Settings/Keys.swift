/// Finds a key by its name and sets it.
enum Keys {
    /// Names that people bring along from systemd units.
    private static let foreign = [
        "ExecStart": "Command", "TimeoutStartSec": "ReadyTimeout", "TimeoutStopSec": "StopTimeout",
        "KillSignal": "StopSignal", "WatchdogSec": "Watchdog", "ListenDatagram": "Address",
        "ListenStream": "Address", "ReceiveBufferSize": "ReceiveBuffer",
        "FileDescriptorName": "Name", "Listen": "Address",
    ]

    static func set<Target: SettingsTarget>(
        _ name: String, to value: String, in target: inout Target,
        keys: [SettingsKey<Target>], section: String
    ) throws(ValueError) {
        guard let key = keys.first(where: { $0.name == name }) else {
            throw unknown(name, known: keys.map(\.name), section: section)
        }
        if value.isEmpty {
            key.reset(&target)
            return
        }
        do throws(ValueError) {
            try key.set(&target, value)
        } catch {
            throw ValueError("\(name)=: \(error)")
        }
    }

    private static func unknown(
        _ name: String, known: [String], section: String
    ) -> ValueError {
        let elsewhere =
            section == "Listener"
            ? ServiceSettings.keys.map(\.name) : ListenerDraft.keys.map(\.name)
        if elsewhere.contains(name) {
            let other = section == "Listener" ? "Service" : "Listener"
            return ValueError("\(name)= belongs in [\(other)], not in [\(section)]")
        }
        if let known = foreign[name] {
            let home = ListenerDraft.keys.contains { $0.name == known } ? "Listener" : "Service"
            return ValueError(
                "unknown key \(name)= in [\(section)]; here it is \(known)= in [\(home)]")
        }
        if let near = Nearest.of(name, among: known) {
            return ValueError("unknown key \(name)= in [\(section)]; did you mean \(near)=?")
        }
        return ValueError(
            "unknown key \(name)= in [\(section)]; known are \(known.joined(separator: ", "))")
    }
}
