/// What is known of a server whose unit is to be wrapped: how it stays in the foreground, and what it needs
/// under a supervisor. All of it is data, in known-servers.conf beside this file.
package struct KnownServer: Equatable, Sendable {
    package let name: String
    /// Names of its program, or whole paths of scripts that start it.
    package fileprivate(set) var programs: [String] = []
    /// Words that keep it in the foreground: added where they are missing.
    package fileprivate(set) var foreground: [String] = []
    /// Words that send it into the background: left out.
    package fileprivate(set) var background: [String] = []
    /// The same, where the word behind belongs to it.
    package fileprivate(set) var backgroundWithValue: [String] = []
    /// Text within words, and what takes its place.
    package fileprivate(set) var replacements: [Replacement] = []
    /// Keys of [Service] in its unit that are emptied.
    package fileprivate(set) var without: [String] = []
    /// Lines of [Service] in the settings, after the defaults.
    package fileprivate(set) var settings: [Line] = []
    /// What a person should know.
    package fileprivate(set) var notes: [String] = []
    /// Why it cannot be wrapped, and what to do instead.
    package fileprivate(set) var refusal: String?

    package struct Replacement: Equatable, Sendable {
        let text: String
        let other: String
    }

    package struct Line: Equatable, Sendable {
        package let key: String
        package let value: String
    }

    private init(_ name: String) { self.name = name }

    /// All that are known, by name.
    package static let all: [KnownServer] = {
        do throws(SettingsErrors) {
            return try read(PackageResources.known_servers_conf)
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// The one whose command this is.
    package static func of(_ words: [String], among servers: [KnownServer] = all) -> KnownServer? {
        guard let path = words.first else { return nil }
        let base = path.split(separator: "/").last.map(String.init) ?? path
        return servers.first { $0.programs.contains(path) || $0.programs.contains(base) }
    }

    /// The command that stays in the foreground.
    package func inForeground(_ words: [String]) -> [String] {
        guard let program = words.first else { return words }
        var rest: [String] = []
        var skipsValue = false
        for word in words.dropFirst() {
            if skipsValue {
                skipsValue = false
            } else if backgroundWithValue.contains(word) {
                skipsValue = true
            } else if !background.contains(word) {
                rest.append(replacements.reduce(word) { $1.made(in: $0) })
            }
        }
        let isThere =
            foreground.isEmpty || rest.indices.contains { rest[$0...].starts(with: foreground) }
        return [program] + (isThere ? [] : foreground) + rest
    }

    /// Reads the table: a section for each server.
    package static func read(_ bytes: [UInt8]) throws(SettingsErrors) -> [KnownServer] {
        let file = "known-servers.conf"
        let reader = LineReader(SettingsSource(file: file, bytes: bytes))
        var errors = reader.errors
        var servers: [KnownServer] = []
        for line in reader.lines {
            switch line.content {
            case .section(let name): servers.append(KnownServer(name))
            case .assignment(let key, let value):
                do throws(ValueError) {
                    guard !servers.isEmpty else {
                        throw ValueError("it stands before every section")
                    }
                    try servers[servers.count - 1].take(key, value)
                } catch {
                    errors.append(
                        SettingsError(file: file, line: line.number, message: "\(key)=: \(error)"))
                }
            }
        }
        guard errors.isEmpty else { throw SettingsErrors(errors: errors) }
        return servers
    }

    private mutating func take(_ key: String, _ value: String) throws(ValueError) {
        switch key {
        case "Program": programs += try Words.split(value)
        case "Foreground": foreground += try Words.split(value)
        case "Background": background += try Words.split(value)
        case "BackgroundWithValue": backgroundWithValue += try Words.split(value)
        case "Replace":
            let words = try Words.split(value)
            guard words.count == 2, !words[0].isEmpty else {
                throw ValueError("it wants two words: what is there, and what takes its place")
            }
            replacements.append(Replacement(text: words[0], other: words[1]))
        case "Without": without += try Words.split(value)
        case "Note": notes.append(value)
        case "Refuse": refusal = value
        default:
            _ = try Keys.find(key, in: ServiceSettings.keys, section: "Service")
            settings.append(Line(key: key, value: value))
        }
    }
}

extension KnownServer.Replacement {
    /// A text in which every place of the first is the other; what was put in is not looked at again.
    fileprivate func made(in word: String) -> String {
        let (old, new, all) = (Array(text.utf8), Array(other.utf8), Array(word.utf8))
        var made: [UInt8] = []
        var place = 0
        while place < all.count {
            if all[place...].starts(with: old) {
                made += new
                place += old.count
            } else {
                made.append(all[place])
                place += 1
            }
        }
        return String(decoding: made, as: UTF8.self)
    }
}
