/// Why a unit cannot be wrapped as it is, by what the service manager says of it.
enum WrapRefusal {
    /// Each with what to do.
    static func reasons(_ unit: InstalledUnit) -> [String] {
        let properties = unit.properties
        switch properties["LoadState"] {
        case "loaded": break
        case "masked": return ["it is masked: systemctl unmask \(unit.name)"]
        case "not-found": return ["there is no such unit: systemctl list-unit-files --type service"]
        case let state:
            return ["the service manager cannot load it (\(state)): systemctl status \(unit.name)"]
        }
        guard unit.name.hasSuffix(".service") else { return ["it is no service"] }
        if unit.name.hasPrefix("relevo@") {
            return ["it is a service of Relevo already: relevo status \(unit.service.dropFirst(7))"]
        }
        if let file = unit.foreignWraps.first {
            return ["it runs through Relevo already, by \(file): remove that first"]
        }
        return type(unit) + surroundings(properties) + sockets(unit)
    }

    private static func type(_ unit: InstalledUnit) -> [String] {
        let type = unit.properties["Type"]
        switch type {
        case "simple", "exec", "idle", "notify", "notify-reload", "forking": return []
        case "oneshot": return ["it is no server: what it starts ends by itself (Type=oneshot)"]
        case "dbus":
            return [
                "it is ready when it has its name on the bus (Type=dbus), which one process can have: two "
                    + "generations cannot run at once"
            ]
        default: return ["Type=\(type) is not known here"]
        }
    }

    private static func surroundings(_ properties: UnitProperties) -> [String] {
        var reasons: [String] = []
        for (name, cure) in [
            ("RootDirectory", "Relevo is not in there"), ("RootImage", "Relevo is not in there"),
        ] where !properties[name].isEmpty {
            reasons.append(
                "\(name)=\(properties[name]): \(cure). Install it there and write the drop-in by hand "
                    + "(packaging/systemd/README.md)")
        }
        if properties.says("DynamicUser") {
            reasons.append(
                "DynamicUser=yes takes the files of living workers away at each restart. Give it a user of "
                    + "its own: systemctl edit, DynamicUser=no and User=")
        }
        if properties.says("PrivateNetwork"), properties["JoinsNamespaceOf"].isEmpty {
            reasons.append(
                "PrivateNetwork=yes makes another network at each restart, and living workers stay in the "
                    + "one before. Use NetworkNamespacePath=")
        }
        if properties.says("PrivatePIDs") {
            reasons.append(
                "PrivatePIDs=yes ends living workers with their supervisor: systemctl edit, PrivatePIDs=no"
            )
        }
        return reasons
    }

    /// A socket unit hands over what Relevo does not know.
    private static func sockets(_ unit: InstalledUnit) -> [String] {
        let others = unit.listens.filter { $0.hasPrefix("/") || $0.hasPrefix("@") }
        guard let first = others.first else { return [] }
        return [
            "it is handed \(first) by \(unit.properties["TriggeredBy"]), which one process can have. Have its "
                + "UDP part run in a unit of its own"
        ]
    }
}
