/// How many workers the sockets of a listener allow.
package enum SlotLimits {
    /// The sockets that a listener can have at a time: the steering program's own limit.
    package static let mostSlots = 512

    /// More workers than this cannot serve, even without overlap.
    package static let mostWorkers = mostSlots
}

extension ServiceSettings {
    /// Why this many workers could not be started, or never be upgraded, and what to do about it; nil
    /// where they can.
    package func obstacle(toWorkers workers: Int) -> String? {
        guard workers >= 1 else { return "at least 1 worker is needed, not \(workers)" }
        for listener in listeners where !listener.isAdopted {
            let count = listener.socketsPerWorker ?? socketsPerWorker
            if let obstacle = obstacle(workers, sockets: count) { return obstacle }
        }
        // What a server binds itself is one socket at least; what a socket unit gives is as set.
        guard listeners.isEmpty else { return nil }
        return obstacle(workers, sockets: adopt.isEmpty ? socketsPerWorker : 1)
    }

    /// The same for a listener that gives each worker this many sockets.
    func obstacle(_ workers: Int, sockets: Int) -> String? {
        let most = SlotLimits.mostSlots / (overlap ? 2 : 1) / sockets
        guard workers > most else { return nil }
        let each = sockets == 1 ? "" : " with \(sockets) sockets each"
        let twice = overlap ? ", twice during an upgrade" : ""
        var remedies: [String] = []
        if most >= 1 { remedies.append("Workers=\(most) or less") }
        if sockets > 1 { remedies.append("a smaller SocketsPerWorker=") }
        if overlap, workers <= SlotLimits.mostSlots / sockets {
            remedies.append("Overlap=no, which stops the old version before the new one starts")
        }
        let remedy =
            remedies.isEmpty ? "" : "; set " + remedies.joined(separator: ", or ")
        return
            "\(workers) workers\(each) do not fit: a listener has \(SlotLimits.mostSlots) sockets "
            + "for all workers\(twice)\(remedy)"
    }
}
