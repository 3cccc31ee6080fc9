import Settings

/// Where the files of a wrapped unit are.
struct WrapPlace {
    static let units = "/etc/systemd/system"
    private static let file = "relevo-wrap.conf"
    let unit: String

    init(_ unit: String) { self.unit = unit }

    var folder: String { "\(Self.units)/\(unit).d" }
    var dropIn: String { "\(folder)/\(Self.file)" }
    var settings: String { "/etc/relevo/\(InstalledUnit.service(of: unit)).conf" }

    /// The first line of the drop-in, by which it is known.
    static let mark = "# Written by `relevo wrap`; `relevo unwrap` takes it back."
    private static let sumMark = "# Settings as they were written: "

    /// What tells whether somebody has changed the settings since (FNV-1a).
    static func sumLine(_ settings: some Sequence<UInt8>) -> String {
        let sum = settings.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return sumMark + String(sum, radix: 16)
    }

    private static let factMark = "# Of the unit: "
    private static let givenMark = "# Given as its command: "

    /// What the drop-in was made from.
    static func factLine(_ fact: String) -> String { factMark + fact }

    static func givenLine(_ words: [String]) -> String { givenMark + Words.join(words) }

    static func isSumLine(_ line: some StringProtocol) -> Bool { line.hasPrefix(sumMark) }

    /// What a drop-in was made from, by its own word.
    static func facts(in lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix(factMark) }.map { String($0.dropFirst(factMark.count)) }
    }

    /// The command that was given in the place of the unit's own; empty where none was.
    static func given(in lines: [String]) -> [String] {
        let line = lines.first { $0.hasPrefix(givenMark) }
        return line.flatMap { try? Words.split(String($0.dropFirst(givenMark.count))) } ?? []
    }
}
