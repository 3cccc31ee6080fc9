internal import CRelevoClient

extension WorkerCore {
    /// The version of the channel that this library speaks.
    static var version: UInt64 { 1 }

    /// Says hello, and takes the sockets: the inherited ones if they are all there, since those
    /// are what the supervisor watches, else the ones that come with the answer.
    func greet(
        _ around: Surroundings, _ wishes: JoinWishes, within limit: UInt64
    ) throws(RelevoError) {
        if around.inherited > 0 {
            let answers = try ask(
                hello(wishes, socketsToo: false), as: .greet, within: limit)
            if try welcome(answers, inheriting: around.inherited) { return }
        }
        let answers = try ask(hello(wishes, socketsToo: true), as: .greet, within: limit)
        _ = try welcome(answers, inheriting: 0)
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

    /// Takes over what WELCOME brought. False when its sockets were to be inherited and one of
    /// them is not there; then nothing has been taken over.
    private func welcome(
        _ answers: [Arrival], inheriting inherited: Int
    ) throws(RelevoError) -> Bool {
        var found: [GivenSocket] = []
        var stored: [KeptDescriptor] = []
        var isSound = true
        for answer in answers {
            guard let message = answer.message, message.verb.equals("WELCOME"),
                let generation = message.number("GENERATION"),
                let worker = message.number("WORKER")
            else {
                isSound = false
                break
            }
            standing = Standing(
                service: message.value("SERVICE").map { Array($0) } ?? [],
                generation: generation, worker: worker, workers: message.number("WORKERS") ?? 1)
            var numbers = answer.descriptors[...]
            for line in message.values("SOCKET") {
                let number =
                    inherited > 0
                    ? Surroundings.first + Int32(found.count) : numbers.popFirst() ?? -1
                guard let socket = GivenSocket(line: line, number: number), number >= 0 else {
                    isSound = false
                    break
                }
                found.append(socket)
            }
            let names = message.values("STORED")
            isSound = isSound && names.count == numbers.count
            for (name, number) in zip(names, numbers) {
                stored.append(KeptDescriptor(name: Array(name), number: number))
            }
        }
        guard isSound else {
            for answer in answers { answer.drop() }
            throw RelevoError(.greet, .malformed)
        }
        if inherited > 0 {
            guard found.count <= inherited, found.allSatisfy({ Self.isThere($0) }) else {
                for answer in answers { answer.drop() }
                return false
            }
            // What was kept came twice.
            for index in 0..<inherited {
                let number = Surroundings.first + Int32(index)
                if index < found.count {
                    _ = relevo_sys_set_cloexec(number)
                } else if relevo_sys_is_open(number) == 1 {
                    relevo_sys_close(number)
                }
            }
        }
        sockets = found
        kept = stored
        return true
    }

    /// Whether the descriptor is still the listener's socket: programs close what they inherit.
    private static func isThere(_ socket: GivenSocket) -> Bool {
        var local = relevo_sys_address()
        guard relevo_sys_kind(socket.number) == (socket.place.isStream ? 2 : 1),
            unsafe relevo_sys_local(socket.number, &local) == 0
        else { return false }
        return InternetAddress(local)?.port == socket.place.address.port
    }
}
