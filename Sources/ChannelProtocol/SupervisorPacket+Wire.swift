extension SupervisorPacket {
    /// As it goes over the socket.
    package func encoded() -> [UInt8] {
        var packet = ChannelPacket(message.verb)
        if let id { packet.add("ID", id) }
        switch message {
        case .welcome(let welcome):
            packet.add("VERSION", welcome.version)
            packet.add("SERVICE", welcome.service)
            packet.add("GENERATION", welcome.generation)
            packet.add("WORKER", welcome.worker)
            packet.add("WORKERS", welcome.workers)
            for socket in welcome.sockets { packet.add("SOCKET", socket.text) }
            if welcome.sockets.contains(where: { $0.seal != nil }) {
                let words = welcome.sockets.map { IDSeal.text(of: $0.seal) }
                packet.add("IDS", words.joined(separator: " "))
            }
            for name in welcome.stored { packet.add("STORED", name) }
            if !welcome.isLast { packet.add("MORE", 1) }
        case .error(let code, let reason):
            packet.add("CODE", code.rawValue)
            packet.add("REASON", reason.prefixed(ChannelLimits.longestText))
        case .drain(let deadline):
            if let deadline {
                packet.add("DEADLINE", deadline.milliseconds)
                packet.add("LEFT", deadline.millisecondsLeft)
            }
        case .stop(let left): packet.add("LEFT", left)
        case .stored(let names, let isLast):
            for name in names { packet.add("STORED", name) }
            if !isLast { packet.add("MORE", 1) }
        case .link(let end):
            packet.add("ROLE", end.role.rawValue)
            packet.add("GENERATION", end.generation)
            packet.add("WORKER", end.worker)
            if let label = end.label { packet.add("LABEL", label) }
        case .ok, .resume: break
        }
        return packet.encoded()
    }

    /// Reads one packet of a supervisor; nil for a verb that this version does not know.
    package static func parse(_ bytes: [UInt8]) throws(ChannelFault) -> SupervisorPacket? {
        let packet = try ChannelPacket(parsing: bytes)
        guard let message = try message(packet) else { return nil }
        return SupervisorPacket(message, id: try packet.number("ID").map { UInt64($0) })
    }

    private static func message(_ packet: ChannelPacket) throws(ChannelFault) -> SupervisorMessage?
    {
        switch packet.verb {
        case "WELCOME": return .welcome(try welcome(packet))
        case "OK": return .ok
        case "ERROR":
            // A code that came later is an error all the same.
            let code = packet.value("CODE").flatMap { ChannelErrorCode(rawValue: $0) }
            return .error(code ?? .failed, reason: packet.value("REASON") ?? "")
        case "DRAIN":
            guard let deadline = try packet.number("DEADLINE"), let left = try packet.number("LEFT")
            else { return .drain(nil) }
            return .drain(
                SupervisorMessage.Deadline(milliseconds: deadline, millisecondsLeft: left))
        case "RESUME": return .resume
        case "STOP": return .stop(millisecondsLeft: try packet.number("LEFT") ?? 0)
        case "STORED":
            return .stored(names: packet.values("STORED"), isLast: try !packet.flag("MORE"))
        case "LINK": return .link(try link(packet))
        default: return nil
        }
    }

    private static func welcome(
        _ packet: ChannelPacket
    ) throws(ChannelFault) -> SupervisorMessage.Welcome {
        var welcome = SupervisorMessage.Welcome(
            version: try packet.required("VERSION", try packet.number("VERSION")),
            service: try packet.required("SERVICE", packet.value("SERVICE")),
            generation: try packet.required("GENERATION", try packet.number("GENERATION")),
            worker: try packet.required("WORKER", try packet.number("WORKER")),
            workers: try packet.required("WORKERS", try packet.number("WORKERS")))
        for text in packet.values("SOCKET") { welcome.sockets.append(try WelcomeSocket(text)) }
        if let words = packet.value("IDS")?.split(separator: " ", omittingEmptySubsequences: false)
        {
            guard words.count == welcome.sockets.count else {
                throw ChannelFault(.key, "IDS= has not a word for each SOCKET=")
            }
            for (at, word) in words.enumerated() {
                welcome.sockets[at].seal = try IDSeal.parse(word)
            }
        }
        welcome.stored = packet.values("STORED")
        welcome.isLast = try !packet.flag("MORE")
        return welcome
    }

    private static func link(
        _ packet: ChannelPacket
    ) throws(ChannelFault) -> SupervisorMessage.LinkEnd {
        let role = packet.value("ROLE").flatMap { SupervisorMessage.LinkEnd.Role(rawValue: $0) }
        return SupervisorMessage.LinkEnd(
            role: try packet.required("ROLE", role),
            generation: try packet.required("GENERATION", try packet.number("GENERATION")),
            worker: try packet.required("WORKER", try packet.number("WORKER")),
            label: packet.value("LABEL"))
    }
}

extension SupervisorMessage {
    fileprivate var verb: String {
        switch self {
        case .welcome: "WELCOME"
        case .ok: "OK"
        case .error: "ERROR"
        case .drain: "DRAIN"
        case .resume: "RESUME"
        case .stop: "STOP"
        case .stored: "STORED"
        case .link: "LINK"
        }
    }
}

extension String {
    /// As many whole characters of it as fit in so many bytes.
    fileprivate func prefixed(_ bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var text = ""
        for scalar in unicodeScalars {
            guard text.utf8.count + scalar.utf8.count <= bytes else { break }
            text.unicodeScalars.append(scalar)
        }
        return text
    }
}
