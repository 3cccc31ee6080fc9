/// What the files of a unit say, in the order in which the service manager reads them, systemd.syntax(7).
///
/// What it says of the unit itself (`systemctl show`) is the truth; this is for what it does not print as it
/// was written, such as a command with its quotes and variables.
package struct UnitFile: Equatable, Sendable {
    private struct Assignment: Equatable {
        let section: String
        let key: String
        let value: String
    }

    private var assignments: [Assignment] = []

    package init() {}

    /// Reads the unit's own file, then its drop-ins. What is no assignment counts for nothing, as it does
    /// for the service manager.
    package init(reading files: [[UInt8]]) {
        for file in files { read(file) }
    }

    private mutating func read(_ bytes: [UInt8]) {
        // Each file begins outside of every section.
        var section = ""
        for line in LineReader(SettingsSource(file: "unit", bytes: bytes)).lines {
            switch line.content {
            case .section(let name): section = name
            case .assignment(let key, let value):
                assignments.append(Assignment(section: section, key: key, value: value))
            }
        }
    }

    /// All values of a list, without those that an empty assignment has taken back.
    package func values(of key: String, in section: String = "Service") -> [String] {
        var values: [String] = []
        for assignment in assignments where assignment.section == section && assignment.key == key {
            if assignment.value.isEmpty { values = [] } else { values.append(assignment.value) }
        }
        return values
    }

    /// What it says by these keys, a line each: of each key what counts, in the order of the keys.
    package func lines(of keys: [String], in section: String = "Service") -> [String] {
        keys.flatMap { key in values(of: key, in: section).map { "\(key)=\($0)" } }
    }
}
