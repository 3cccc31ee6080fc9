extension WorkerRequest {
    /// Reads one packet of a worker; any bytes may come.
    package init(parsing bytes: [UInt8]) throws(ChannelFault) {
        let packet = try ChannelPacket(parsing: bytes)
        let id = try packet.number("ID").map { UInt64($0) }
        do throws(ChannelFault) {
            self.init(try Self.message(packet), id: id)
        } catch {
            throw ChannelFault(error.code, error.reason, id: id)
        }
    }

    private static func message(_ packet: ChannelPacket) throws(ChannelFault) -> WorkerMessage {
        switch packet.verb {
        case "HELLO": return .hello(try hello(packet))
        case "READY": return .ready(unread: try packet.numbers("UNREAD"))
        case "FAILED":
            return .failed(reason: try packet.required("REASON", try packet.text("REASON")))
        case "SESSIONS":
            return .sessions(try packet.required("COUNT", try packet.number("COUNT")))
        case "DRAINED": return .drained
        case "STORE":
            return .store(name: try packet.descriptorName("NAME"), adds: try packet.flag("ADD"))
        case "FORGET": return .forget(name: try packet.descriptorName("NAME"))
        case "FETCH": return .fetch
        case "PIN": return .pin(try flow(packet))
        case "UNPIN": return .unpin(try flow(packet))
        case "LINK":
            return .link(
                try target(packet), worker: try packet.number("WORKER"),
                label: try packet.text("LABEL"))
        case "LEAVE": return .leave
        default: throw ChannelFault(.verb, "\(packet.verb) is no verb of a worker")
        }
    }

    private static func hello(_ packet: ChannelPacket) throws(ChannelFault) -> WorkerMessage.Hello {
        let version = try packet.required("VERSION", try packet.number("VERSION"))
        guard version >= 1 else { throw ChannelFault(.version, "versions begin with 1") }
        let wantsSockets: Bool
        switch packet.value("SOCKETS") {
        case nil: wantsSockets = true
        case "no": wantsSockets = false
        default: throw ChannelFault(.key, "SOCKETS= can be no alone")
        }
        let workers = try packet.number("WORKERS")
        if let workers, workers < 1 { throw ChannelFault(.key, "WORKERS= is below 1") }
        return WorkerMessage.Hello(
            version: version, wantsSockets: wantsSockets, group: try packet.text("GROUP"),
            workers: workers, command: try packet.text("COMMAND"))
    }

    private static func flow(_ packet: ChannelPacket) throws(ChannelFault) -> FlowName {
        FlowName(
            listener: try packet.required("LISTENER", try packet.number("LISTENER")),
            peer: try packet.required("PEER", packet.value("PEER")), local: packet.value("LOCAL"))
    }

    private static func target(_ packet: ChannelPacket) throws(ChannelFault) -> LinkTarget {
        let text = try packet.required("TO", packet.value("TO"))
        guard let target = LinkTarget(text, number: { try? packet.number("TO") }) else {
            throw ChannelFault(.key, "TO= is neither a number nor current, older or newer")
        }
        return target
    }

    /// As it goes over the socket.
    package func encoded() -> [UInt8] {
        var packet = ChannelPacket(message.verb)
        if let id { packet.add("ID", id) }
        switch message {
        case .hello(let hello):
            packet.add("VERSION", hello.version)
            if !hello.wantsSockets { packet.add("SOCKETS", "no") }
            if let group = hello.group { packet.add("GROUP", group) }
            if let workers = hello.workers { packet.add("WORKERS", workers) }
            if let command = hello.command { packet.add("COMMAND", command) }
        case .ready(let unread):
            if !unread.isEmpty { packet.add("UNREAD", ChannelPacket.text(of: unread)) }
        case .failed(let reason): packet.add("REASON", reason)
        case .sessions(let count): packet.add("COUNT", count)
        case .store(let name, let adds):
            packet.add("NAME", name)
            if adds { packet.add("ADD", 1) }
        case .forget(let name): packet.add("NAME", name)
        case .pin(let flow), .unpin(let flow):
            packet.add("LISTENER", flow.listener)
            packet.add("PEER", flow.peer)
            if let local = flow.local { packet.add("LOCAL", local) }
        case .link(let target, let worker, let label):
            packet.add("TO", target.text)
            if let worker { packet.add("WORKER", worker) }
            if let label { packet.add("LABEL", label) }
        case .drained, .fetch, .leave: break
        }
        return packet.encoded()
    }
}

extension WorkerMessage {
    fileprivate var verb: String {
        switch self {
        case .hello: "HELLO"
        case .ready: "READY"
        case .failed: "FAILED"
        case .sessions: "SESSIONS"
        case .drained: "DRAINED"
        case .store: "STORE"
        case .forget: "FORGET"
        case .fetch: "FETCH"
        case .pin: "PIN"
        case .unpin: "UNPIN"
        case .link: "LINK"
        case .leave: "LEAVE"
        }
    }
}
