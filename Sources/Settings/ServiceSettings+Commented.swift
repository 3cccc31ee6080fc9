extension ServiceSettings {
    /// The settings as a file for people to go on with: what is set, and what else could be, each
    /// key that is at its default behind a `#`.
    package func renderCommented() -> String {
        var lines = ["[Service]"]
        for key in ServiceSettings.keys {
            lines += Setting.lines(.service, key.name, key.values(self))
        }
        for listener in listeners {
            lines += ["", "[Listener]"]
            for key in ListenerDraft.keys {
                lines += Setting.lines(.listener, key.name, key.values(ListenerDraft(listener)))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Setting {
    /// A key that is set alone, one at its default with what it is for.
    fileprivate static func lines(
        _ section: Section, _ name: String, _ values: [String]
    ) -> [String] {
        guard let setting = of(section, name) else { return [] }
        guard values.isEmpty || values == [setting.defaultValue] else {
            return values.map { "\(name)=\($0)" }
        }
        return [""] + setting.help.wrapped(at: 90).map { "# \($0)" }
            + ["#\(name)=\(setting.defaultValue ?? "")"]
    }
}

extension String {
    /// The words of a paragraph in lines of at most this many characters, unless one word has more.
    package func wrapped(at width: Int) -> [String] {
        split(separator: " ").reduce(into: []) { lines, word in
            guard let last = lines.last, last.count + 1 + word.count <= width else {
                lines.append(String(word))
                return
            }
            lines[lines.count - 1] = last + " " + word
        }
    }
}
