/// Takes the lines of one source after the other into a service and its listeners.
struct SettingsReader {
    private(set) var service = ServiceSettings()
    private(set) var listeners: [ListenerDraft] = []
    private(set) var errors: [SettingsError] = []
    /// Where each key of [Service] was set last.
    private(set) var places: [String: SettingsPlace] = [:]
    /// The listeners of earlier sources, which later ones may amend.
    private var amendable = 0

    private enum Section {
        case none
        case service
        case listener(OpenListener)
        /// Its lines are skipped: somebody else's, or reported already.
        case ignored
    }

    private struct OpenListener {
        let line: Int
        var assignments: [(key: String, value: String)] = []
        var draft = ListenerDraft()
        var sound = true
    }

    mutating func read(_ source: SettingsSource) {
        amendable = listeners.count
        let lines = LineReader(source)
        errors += lines.errors
        var section = Section.none
        for line in lines.lines {
            switch line.content {
            case .section(let name):
                close(section, in: source.file)
                section = open(name, at: line.number, in: source.file)
            case .assignment(let key, let value):
                assign(key, value, at: line.number, in: source.file, &section)
            }
        }
        close(section, in: source.file)
        errors.sort { $0.file == $1.file && $0.line < $1.line }
    }

    private mutating func open(_ name: String, at line: Int, in file: String) -> Section {
        switch name {
        case "Service": return .service
        case "Listener": return .listener(OpenListener(line: line))
        default:
            if name.hasPrefix("X-") { return .ignored }
            let near = Nearest.of(name, among: ["Service", "Listener"])
            let hint = near.map { "did you mean [\($0)]?" } ?? "use [Service] or [Listener]"
            fail(file, line, "unknown section [\(name)]; \(hint)")
            return .ignored
        }
    }

    private mutating func assign(
        _ key: String, _ value: String, at line: Int, in file: String, _ section: inout Section
    ) {
        if key.hasPrefix("X-") { return }
        do throws(ValueError) {
            switch section {
            case .none:
                section = .ignored
                throw ValueError("\(key)= stands before any section; put [Service] above it")
            case .ignored: break
            case .service:
                try assign(key, value, to: &service, ServiceSettings.keys, "Service")
                places[key] = SettingsPlace(file: file, line: line)
            case .listener(var open):
                open.assignments.append((key, value))
                defer { section = .listener(open) }
                do throws(ValueError) {
                    try assign(key, value, to: &open.draft, ListenerDraft.keys, "Listener")
                } catch {
                    open.sound = false
                    throw error
                }
            }
        } catch {
            fail(file, line, error.description)
        }
    }

    private func assign<Target: SettingsTarget>(
        _ name: String, _ value: String, to target: inout Target, _ keys: [SettingsKey<Target>],
        _ section: String
    ) throws(ValueError) {
        let key = try Keys.find(name, in: keys, section: section)
        do throws(ValueError) {
            try key.assign(value, to: &target)
        } catch {
            throw ValueError("\(name)=: \(error)")
        }
    }

    /// A listener of an earlier source with the same name, or the same address, is amended.
    private mutating func close(_ section: Section, in file: String) {
        guard case .listener(var open) = section, open.sound else { return }
        open.draft.file = file
        open.draft.line = open.line
        guard let earlier = earlier(like: open.draft) else {
            if open.draft.address == nil {
                fail(file, open.line, "[Listener] has no Address=; write Address=udp://[::]:53 say")
            } else {
                listeners.append(open.draft)
            }
            return
        }
        for (key, value) in open.assignments {
            // Each was read without fault before.
            try? assign(key, value, to: &listeners[earlier], ListenerDraft.keys, "Listener")
        }
        if listeners[earlier].address == nil {
            listeners.remove(at: earlier)
            amendable -= 1
        }
    }

    private func earlier(like draft: ListenerDraft) -> Int? {
        let candidates = listeners.prefix(amendable)
        if let name = draft.name, let index = candidates.firstIndex(where: { $0.name == name }) {
            return index
        }
        guard let address = draft.address else { return nil }
        return candidates.firstIndex { $0.address == address }
    }

    private mutating func fail(_ file: String, _ line: Int, _ message: String) {
        errors.append(SettingsError(file: file, line: line, message: message))
    }
}
