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
}
