internal import CRelevoClient

extension WorkerCore {
    /// Leaves descriptors with the supervisor for whoever comes after this worker. They stay the
    /// caller's. Nothing without a supervisor or service manager.
    func store(
        _ descriptors: [Int32], as name: [UInt8], adding: Bool, within limit: UInt64
    ) throws(RelevoError) {
        guard Self.isName(name), (1...Channel.mostDescriptors).contains(descriptors.count) else {
            throw RelevoError(.store, .invalid)
        }
        if channel != nil {
            var packet = Packet("STORE")
            packet.add("NAME", name)
            if adding { packet.add("ADD", "1") }
            return try request(packet, descriptors, as: .store, within: limit)
        }
        if !adding { try forget(name, within: limit) }
        var text: [UInt8] = []
        text.append(text: "FDSTORE=1\nFDPOLL=0\nFDNAME=")
        try notify(text + name, descriptors)
    }

    /// Drops what is kept under the name.
    func forget(_ name: [UInt8], within limit: UInt64) throws(RelevoError) {
        guard Self.isName(name) else { throw RelevoError(.store, .invalid) }
        if channel != nil {
            var packet = Packet("FORGET")
            packet.add("NAME", name)
            return try request(packet, as: .store, within: limit)
        }
        var text: [UInt8] = []
        text.append(text: "FDSTOREREMOVE=1\nFDNAME=")
        try notify(text + name)
    }

    /// Asks again for all that is kept, in the place of what has not been taken yet.
    func fetch(within limit: UInt64) throws(RelevoError) {
        guard channel != nil else { return }
        let answers = try ask(Packet("FETCH"), as: .fetch, within: limit)
        guard let fetched = Self.stored(answers, besideSockets: false) else {
            for answer in answers { answer.drop() }
            throw RelevoError(.fetch, .malformed)
        }
        for descriptor in kept { relevo_sys_close(descriptor.number) }
        kept = fetched
    }

    /// The kept descriptors in the answers, which in each come after those of its sockets; nil
    /// when names and descriptors do not match.
    static func stored(_ answers: [Arrival], besideSockets: Bool) -> [KeptDescriptor]? {
        var found: [KeptDescriptor] = []
        for answer in answers {
            var sockets = 0
            while besideSockets, answer.message?.value("SOCKET", sockets) != nil { sockets += 1 }
            var stored = 0
            while let name = answer.message?.value("STORED", stored) {
                guard sockets + stored < answer.descriptors.count else { return nil }
                let number = answer.descriptors[sockets + stored]
                found.append(KeptDescriptor(name: name, number: number))
                stored += 1
            }
            guard sockets + stored == answer.descriptors.count else { return nil }
        }
        return found
    }

    /// The first descriptor under the name that has not been taken; the caller owns it.
    func takeKept(_ name: [UInt8]) -> Int32? {
        guard let index = kept.firstIndex(where: { $0.name.isSame(as: name) }) else { return nil }
        return kept.remove(at: index).number
    }

    /// Sends a request whose answer says nothing but that it was done.
    func request(
        _ packet: Packet, _ descriptors: [Int32] = [], as action: RelevoError.Action,
        within limit: UInt64
    ) throws(RelevoError) {
        for answer in try ask(packet, descriptors, as: action, within: limit) { answer.drop() }
    }

    private static func isName(_ name: [UInt8]) -> Bool {
        (1...255).contains(name.count)
            && name.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: ":") }
    }
}
