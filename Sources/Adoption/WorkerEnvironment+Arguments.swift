extension WorkerEnvironment {
    /// The command with its placeholders replaced.
    ///
    /// `{fd}` is the first socket's number, `{fd:NAME}` the first socket's of the listener NAME,
    /// `{fd:2}` the third socket's (unless a listener is named `2`), `{generation}` and `{worker}`
    /// are numbers, `{serverid}` is what its server is known by in ids. `{{fd}}` with doubled braces is the literal `{fd}`. Any other text in braces,
    /// JSON say, is left as it is.
    package func arguments(replacingIn command: [String]) throws(PlaceholderError) -> [String] {
        var replaced: [String] = []
        for argument in command { replaced.append(try replacing(in: argument)) }
        return replaced
    }

    private func replacing(in argument: String) throws(PlaceholderError) -> String {
        var result = ""
        var rest = argument[...]
        while let brace = rest.firstIndex(of: "{") {
            result += rest[..<brace]
            rest = rest[brace...]
            if rest.hasPrefix("{{"), let inner = Self.placeholder(at: rest.dropFirst()),
                rest.dropFirst(1 + inner.count).hasPrefix("}")
            {
                result += inner
                rest = rest.dropFirst(inner.count + 2)
            } else if let whole = Self.placeholder(at: rest) {
                result += try value(of: whole)
                rest = rest.dropFirst(whole.count)
            } else {
                result += "{"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }

    /// The placeholder that `text` begins with, braces included.
    private static func placeholder(at text: Substring) -> Substring? {
        for whole in ["{fd}", "{generation}", "{worker}", "{serverid}"]
        where text.hasPrefix(whole) {
            return text.prefix(whole.count)
        }
        guard text.hasPrefix("{fd:"), let end = text.firstIndex(of: "}") else { return nil }
        return text[...end]
    }

    private func value(of placeholder: Substring) throws(PlaceholderError) -> String {
        switch placeholder {
        case "{generation}": return "\(generation)"
        case "{worker}": return "\(worker)"
        case "{serverid}":
            guard let serverID else { throw .noServerID }
            return serverID
        default: break
        }
        guard let first = sockets.first else {
            throw .noSockets(placeholder: String(placeholder))
        }
        if placeholder == "{fd}" { return "\(first.number)" }
        let name = placeholder.dropFirst("{fd:".count).dropLast()
        if let named = sockets.first(where: { $0.name == name }) { return "\(named.number)" }
        guard let index = Int(name) else {
            throw .unknownListener(placeholder: String(placeholder), known: listenerNames)
        }
        guard sockets.indices.contains(index) else {
            throw .noSuchIndex(placeholder: String(placeholder), sockets: sockets.count)
        }
        return "\(sockets[index].number)"
    }

    private var listenerNames: [String] {
        sockets.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
