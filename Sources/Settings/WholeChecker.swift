import Packs

/// Checks what no single line can tell: what is missing and what contradicts.
struct WholeChecker {
    private(set) var errors: [SettingsError] = []
    private let file: String
    /// Where each key of [Service] was set last.
    private let places: [String: SettingsPlace]

    init(file: String, _ places: [String: SettingsPlace]) {
        self.file = file
        self.places = places
    }

    mutating func check(
        _ service: ServiceSettings, _ drafts: [ListenerDraft], inheritsSockets: Bool
    ) -> ServiceSettings {
        var settings = service
        settings.listeners = drafts.compactMap(\.settings)
        checkService(&settings)
        if drafts.isEmpty, !inheritsSockets, service.adopt.isEmpty {
            fail(
                "there is no listener; add [Listener] with Address=, or --listen udp://[::]:53, or "
                    + "have what the server binds taken over: Adopt=, --adopt auto")
        }
        if !service.intercept, !service.adopt.isEmpty {
            fail("Adopt= needs Intercept=yes: what is not intercepted cannot be adopted")
        }
        checkAdoptedSessions(settings)
        checkSlots(settings, drafts)
        checkServerIDs(drafts)
        var addresses: Set<Place> = []
        var names: Set<String> = []
        for draft in drafts {
            guard let listener = draft.settings else { continue }
            let place = Place(address: listener.address, v6Only: listener.v6Only)
            if !addresses.insert(place).inserted {
                fail("listener \(listener.address) is declared twice; remove one", at: draft)
            }
            if let name = listener.name, !names.insert(name).inserted {
                fail("two listeners are named '\(name)'; rename one", at: draft)
            }
            if listener.address.transport == .tcp, !listener.steering.isForStreams {
                fail(
                    "Steering=\(listener.steering.rawValue) is for udp; \(listener.address) takes stateless or auto",
                    at: draft)
            }
            checkBalance(of: listener, draft)
            checkSessions(of: listener, draft)
            checkCopies(of: listener, draft)
            checkServerID(of: listener, draft)
        }
        return settings
    }

    /// Rules for sessions that nothing reads, or that say too little.
    private mutating func checkSessions(of listener: ListenerSettings, _ draft: ListenerDraft) {
        let name = listener.steering.rawValue
        guard listener.steering == .custom else {
            let others = [
                ("SessionRule", !listener.sessionRules.isEmpty),
                ("SessionOrder", draft.sessionOrder != nil),
                ("SessionPrefix", listener.sessionPrefix != nil),
            ]
            for (key, isSet) in others where isSet {
                fail("\(key)= is for Steering=custom, not for \(name)", at: draft)
            }
            return checkLength(of: listener, draft)
        }
        if listener.sessionRules.isEmpty {
            fail(
                "Steering=custom needs SessionRule=, 'continue size=32 @0=04000000 id=4+4' say",
                at: draft)
        } else if listener.sessionRules.allSatisfy({ $0.id == nil }) {
            fail("no SessionRule= says where an id is; use Steering=flow", at: draft)
        }
        checkLength(of: listener, draft)
    }

    /// A worker has one server's id.
    private mutating func checkServerIDs(_ drafts: [ListenerDraft]) {
        let lengths = drafts.compactMap(\.serverIDLength)
        guard let first = lengths.first,
            let other = drafts.first(where: { ($0.serverIDLength ?? first) != first })
        else { return }
        fail(
            "ServerIdLength=\(other.serverIDLength ?? first): another listener has \(first), and a worker has one "
                + "server's id", at: other)
    }

    private mutating func checkServerID(of listener: ListenerSettings, _ draft: ListenerDraft) {
        guard let length = listener.serverIDLength else { return }
        if listener.steering != .quic {
            fail(
                "ServerIdLength=\(length) says nothing to Steering=\(listener.steering.rawValue)",
                at: draft)
        } else if let whole = listener.idLength, whole < length + 5 {
            fail(
                "IdLength=\(whole): a first byte, a server's id of \(length) and four more are \(length + 5)",
                at: draft)
        }
    }

    private mutating func checkCopies(of listener: ListenerSettings, _ draft: ListenerDraft) {
        guard listener.unknownIDs == .copy else { return }
        if listener.sharesResetKey {
            fail(
                "UnknownIds=copy with SharedResetKey=yes would have one version's stateless resets end the "
                    + "other's sessions; set UnknownIds=guess, or give each version a key of its own",
                at: draft)
        } else if listener.transparent {
            fail(
                "UnknownIds=copy is for addresses of this machine, and Transparent=yes for others; "
                    + "set UnknownIds=guess", at: draft)
        }
    }

    /// A listener that is made of what a worker binds has no keys of its own.
    private mutating func checkAdoptedSessions(_ settings: ServiceSettings) {
        guard let steering = settings.adoptSteering else { return }
        let missing: String?
        switch steering {
        case .custom: missing = "SessionRule"
        case .pack(let name):
            missing = BuiltInPack.named(name)?.pack.needsIDLength == true ? "IdLength" : nil
        case .auto, .flow, .quic, .address, .stateless: missing = nil
        }
        guard let missing else { return }
        let place = places["AdoptSteering"] ?? SettingsPlace(file: file, line: 1)
        errors.append(
            SettingsError(
                file: place.file, line: place.line,
                message: "AdoptSteering=\(steering.rawValue): \(missing)= belongs in a [Listener] "
                    + "with the address"))
    }

    private mutating func checkBalance(of listener: ListenerSettings, _ draft: ListenerDraft) {
        guard listener.balance == .load, listener.steering == .stateless else { return }
        fail("Balance=load says nothing to Steering=stateless: no flow is kept", at: draft)
    }

    private mutating func checkLength(of listener: ListenerSettings, _ draft: ListenerDraft) {
        let name = listener.steering.rawValue
        if listener.pack?.needsIDLength == true {
            fail(
                "Steering=\(name) needs IdLength=, for no datagram tells how long the server's ids are",
                at: draft)
        } else if let length = listener.idLength, listener.steering == .quic {
            let lengths = SteeringChoice.lengthsOfQUIC
            guard !lengths.contains(length) else { return }
            fail(
                "IdLength=\(length): with Steering=quic it is from \(lengths.lowerBound) to "
                    + "\(lengths.upperBound)", at: draft)
        } else if let length = listener.idLength {
            var without = listener
            without.idLength = nil
            if without.pack?.needsIDLength != true {
                fail("IdLength=\(length) says nothing to Steering=\(name)", at: draft)
            }
        }
    }

    /// Says it once: the first listener whose sockets do not suffice is enough to know.
    private mutating func checkSlots(_ settings: ServiceSettings, _ drafts: [ListenerDraft]) {
        guard let obstacle = settings.obstacle(toWorkers: settings.workers) else { return }
        let draft = drafts.first { draft in
            guard let sockets = draft.socketsPerWorker, !draft.isAdopted else { return false }
            return settings.obstacle(settings.workers, sockets: sockets) != nil
        }
        if let place = places["Workers"] ?? places["SocketsPerWorker"] {
            errors.append(SettingsError(file: place.file, line: place.line, message: obstacle))
        } else {
            fail(obstacle, at: draft)
        }
    }

    /// One address of IPv6 may be served for IPv6 alone.
    private struct Place: Hashable {
        let address: ListenAddress
        let v6Only: Bool?
    }

    private mutating func checkService(_ settings: inout ServiceSettings) {
        if Release.isNamed(in: settings.command), settings.release == nil {
            fail("Command= has {release}, and nothing says which: Release=, --release")
        }
        guard let program = settings.command.first, !program.isEmpty else {
            if settings.joinPolicy != nil, settings.command.isEmpty {
                if settings.name.isEmpty {
                    fail("without a command the service needs a name; set Name= in [Service]")
                }
                return
            }
            fail("there is no command; set Command= in [Service], or write it after --")
            return
        }
        guard settings.name.isEmpty else { return }
        if let name = Identifier.serviceName(of: program) {
            settings.name = name
        } else {
            fail("no name can be made of the command '\(program)'; set Name= in [Service]")
        }
    }

    private mutating func fail(_ message: String, at draft: ListenerDraft? = nil) {
        let place = draft.map { ($0.file, $0.line) } ?? (file, 1)
        errors.append(
            SettingsError(
                file: place.0.isEmpty ? file : place.0, line: max(place.1, 1), message: message))
    }
}
