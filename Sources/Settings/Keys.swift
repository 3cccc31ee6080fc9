/// Finds a key by its name, or what was meant by it.
enum Keys {
    /// Names that people bring along from systemd units.
    private static let foreign = [
        "ExecStart": "Command", "TimeoutStartSec": "ReadyTimeout", "TimeoutStopSec": "StopTimeout",
        "KillSignal": "StopSignal", "WatchdogSec": "Watchdog", "ListenDatagram": "Address",
        "ListenStream": "Address", "ReceiveBufferSize": "ReceiveBuffer",
        "FileDescriptorName": "Name", "Listen": "Address",
    ]

    static func find<Target: SettingsTarget>(
        _ name: String, in keys: [SettingsKey<Target>], section: String
    ) throws(ValueError) -> SettingsKey<Target> {
        if let key = keys.first(where: { $0.name == name }) { return key }
        throw unknown(name, known: keys.map(\.name), section: section)
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
