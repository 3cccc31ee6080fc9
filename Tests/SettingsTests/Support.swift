import Settings

let smallest = "[Service]\nCommand=/bin/server\n[Listener]\nAddress=udp://127.0.0.1:53\n"

func parse(_ text: String) throws(SettingsErrors) -> ServiceSettings {
    try ServiceSettings.parse(text, file: "test.conf")
}

/// The errors of a text, each as it would be printed.
func errors(_ text: String) -> [String] {
    errors([SettingsSource(file: "test.conf", text: text)])
}

func errors(_ sources: [SettingsSource]) -> [String] {
    do throws(SettingsErrors) {
        _ = try ServiceSettings.parse(sources)
        return []
    } catch {
        return error.errors.map(\.description)
    }
}

/// Deterministic random numbers, SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
