internal import CRelevoClient

extension WorkerCore {
    /// The version of the channel that this library speaks.
    static var version: UInt64 { 1 }

    /// Says hello, and takes the sockets: the inherited ones if they are all there, since those
    /// are what the supervisor watches, else the ones that come with the answer.
    func greet(
        _ around: StartEnvironment, _ wishes: JoinWishes, within limit: UInt64
    ) throws(RelevoError) {
        if around.inherited > 0, try greet(wishes, inheriting: around.inherited, limit) { return }
        _ = try greet(wishes, inheriting: 0, limit)
    }

    /// Takes over what WELCOME brings. False when its sockets were to be inherited and one of
    /// them is not there; then nothing has been taken over.
    private func greet(
        _ wishes: JoinWishes, inheriting inherited: Int, _ limit: UInt64
    ) throws(RelevoError) -> Bool {
        let answers = try ask(
            hello(wishes, socketsToo: inherited == 0), as: .greet, within: limit)
        guard let found = welcome(answers, areInherited: inherited > 0),
            let stored = Self.stored(answers, besideSockets: inherited == 0)
        else {
            for answer in answers { answer.drop() }
            throw RelevoError(.greet, .malformed)
        }
        if inherited > 0 {
            for socket in found where found.count > inherited || !Self.isThere(socket) {
                for answer in answers { answer.drop() }
                return false
            }
            takeInherited(inherited, sockets: found.count)
        }
        sockets = found
        kept = stored
        return true
    }

    private func hello(_ wishes: JoinWishes, socketsToo: Bool) -> Packet {
        var packet = Packet("HELLO")
        packet.add("VERSION", Self.version)
        if !socketsToo { packet.add("SOCKETS", "no") }
        if let group = wishes.group { packet.add("GROUP", Packet.plain(group)) }
        if let workers = wishes.workers { packet.add("WORKERS", workers) }
        if let command = wishes.command { packet.add("COMMAND", Packet.plain(command)) }
        return packet
    }

    /// The sockets, by their lines; nil for what is no WELCOME, or has a line without its socket.
    private func welcome(_ answers: [Arrival], areInherited: Bool) -> [GivenSocket]? {
        var found: [GivenSocket] = []
        for answer in answers {
            guard let message = answer.message, message.isVerb("WELCOME"),
                let generation = message.number("GENERATION"),
                let worker = message.number("WORKER")
            else { return nil }
            standing = Standing(
                service: message.value("SERVICE") ?? [], generation: generation, worker: worker,
                workers: message.number("WORKERS") ?? 1)
            let seals = message.value("IDS") ?? []
            var sealStart = 0
            var index = 0
            while let line = message.value("SOCKET", index) {
                let number: Int32
                if areInherited {
                    number = StartEnvironment.first + Int32(found.count)
                } else {
                    guard index < answer.descriptors.count else { return nil }
                    number = answer.descriptors[index]
                }
                guard var socket = GivenSocket(line: line, number: number) else { return nil }
                // A word for each socket, in their order.
                let sealEnd = seals.position(of: UInt8(ascii: " "), from: sealStart)
                socket.seal = Seal(seals.piece(min(sealStart, sealEnd), sealEnd))
                sealStart = sealEnd + 1
                found.append(socket)
                index += 1
            }
        }
        return found
    }

    /// Of what was inherited the sockets stay where they are; what was kept came twice.
    private func takeInherited(_ count: Int, sockets: Int) {
        for index in 0..<count {
            let number = StartEnvironment.first + Int32(index)
            if index < sockets {
                _ = relevo_sys_set_cloexec(number)
            } else if relevo_sys_is_open(number) == 1 {
                relevo_sys_close(number)
            }
        }
    }

    /// Whether the descriptor is still the listener's socket: programs close what they inherit.
    private static func isThere(_ socket: GivenSocket) -> Bool {
        var local = relevo_sys_address()
        guard relevo_sys_kind(socket.number) == (socket.place.isStream ? 2 : 1),
            unsafe relevo_sys_local(socket.number, &local) == 0
        else { return false }
        return local.port == socket.place.address.port
    }
}
