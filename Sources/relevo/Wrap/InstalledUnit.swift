import Kernel
import Settings

/// A unit as the service manager has it: what it says of it, and what its files say, but for the drop-in of
/// `relevo wrap`.
struct InstalledUnit {
    /// With its suffix, and not an alias: named.service for bind9.
    let name: String
    let properties: UnitProperties
    let file: UnitFile
    /// Files that start its server through this program, as somebody else has written them.
    let foreignWraps: [String]
    /// What the units that start it listen on, as the service manager tells it.
    let listens: [String]

    /// The name of its service.
    var service: String { Self.service(of: name) }

    static func service(of name: String) -> String {
        let base = name.hasSuffix(".service") ? String(name.dropLast(".service".count)) : name
        // What a unit's name escapes with a backslash has no place in the name of a folder.
        return base.replacing("\\", with: "-")
    }

    /// Asks the service manager.
    ///
    /// - Parameter asItRuns: that the properties of a wrapped unit are those that it has now, with the drop-in.
    init(named given: String, asItRuns: Bool = false) throws(Failure) {
        let properties = try UnitProperties(ofUnit: given)
        let name = properties["Id"].isEmpty ? given : properties["Id"]
        self.name = name
        let own = WrapPlace(name).dropIn
        var isWrapped = false
        var files: [[UInt8]] = []
        var foreign: [String] = []
        do throws(KernelError) {
            let paths = [properties["FragmentPath"]] + properties.words("DropInPaths")
            for path in paths where !path.isEmpty {
                if path == own {
                    isWrapped = true
                    continue
                }
                let bytes = try readFile(path)
                files.append(bytes)
                let starts = UnitFile(reading: [bytes]).values(of: "ExecStart")
                if starts.contains(where: Self.isRelevo) { foreign.append(path) }
            }
        } catch {
            throw Failure(error)
        }
        file = UnitFile(reading: files)
        foreignWraps = foreign
        // What the manager says of a wrapped unit is the drop-in's word too.
        self.properties =
            isWrapped && !asItRuns
            ? properties.taking(try UnitLook.properties(of: name, files))
            : properties
        var listens: [String] = []
        for socket in properties.words("TriggeredBy") where socket.hasSuffix(".socket") {
            listens += try UnitProperties(ofUnit: socket).all("Listen")
        }
        self.listens = listens
    }

    init(name: String, properties: UnitProperties, files: [String], listens: [String] = []) {
        self.name = name
        self.properties = properties
        file = UnitFile(reading: files.map { Array($0.utf8) })
        foreignWraps = []
        self.listens = listens
    }

    /// What of its files decides how it is wrapped.
    var facts: [String] { file.lines(of: Self.factKeys) }

    private static let factKeys = [
        "Type", "ExecStart", "ExecReload", "ExecStop", "ExecStopPost", "PIDFile", "User",
        "DynamicUser", "KillSignal", "CapabilityBoundingSet", "PrivateTmp", "PrivateUsers",
        "PrivateNetwork", "PrivatePIDs", "RemoveIPC", "ProcSubset", "ProtectSystem",
        "RestrictNamespaces", "RestrictAddressFamilies", "SystemCallFilter", "RootDirectory",
        "RootImage",
    ]

    private static func isRelevo(_ text: String) -> Bool {
        guard let program = (try? UnitCommand(parsing: text))?.words.first else { return false }
        return program.split(separator: "/").last == "relevo"
    }
}

/// What `systemctl show` prints of a unit: a line for each property, several for a list.
struct UnitProperties: Equatable {
    private let values: [String: [String]]

    init(ofUnit name: String) throws(Failure) {
        self.init(try ServiceManager.asked("show", "--", name))
    }

    private init(values: [String: [String]]) { self.values = values }

    init(_ text: String) {
        values = text.split(whereSeparator: \.isNewline).reduce(into: [:]) { values, line in
            guard let equals = line.firstIndex(of: "=") else { return }
            values[String(line[..<equals]), default: []]
                .append(String(line[line.index(after: equals)...]))
        }
    }

    /// The same, but that what another unit of the same files has counts. What it is called and where its files are
    /// stays its own.
    func taking(_ other: UnitProperties) -> UnitProperties {
        let own: Set = ["Id", "Names", "LoadState", "FragmentPath", "DropInPaths", "TriggeredBy"]
        return UnitProperties(
            values: other.values.filter { !own.contains($0.key) }
                .merging(values) { other, mine in other })
    }

    /// Empty where the manager says nothing of it, as older ones do.
    subscript(name: String) -> String { values[name]?.last ?? "" }

    func all(_ name: String) -> [String] { values[name] ?? [] }

    func words(_ name: String) -> [String] {
        self[name].split(separator: " ").map(String.init)
    }

    func says(_ name: String) -> Bool { self[name] == "yes" }
}
