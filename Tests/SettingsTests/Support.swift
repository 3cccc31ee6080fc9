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
