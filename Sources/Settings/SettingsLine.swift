/// One meaningful line of a settings file, continued lines joined.
struct SettingsLine: Equatable {
    enum Content: Equatable {
        case section(String)
        case assignment(key: String, value: String)
    }

    let number: Int
    let content: Content
}
