import HandoverCore
import ServiceCore

/// One that sends datagrams from one address to every listener.
struct Client {
    let number: Int
    var lastSent: Int64 = .min / 2
    /// Told apart after each pause in which a flow has ended, so that what is still queued is of the
    /// flow that was.
    var life = 0
    /// Which process read it last, by listener, and the number of that datagram.
    var readers: [(pid: Int32, number: Int)] = []

    static let idleTime: Int64 = 2_000_000

    var flow: Int { number + 1000 * life }
}

extension World {
    /// Whether a flow has been heard of lately.
    func isLive(_ flow: Int) -> Bool {
        let client = clients[flow % 1000]
        return client.flow == flow && time - client.lastSent < Client.idleTime
    }

    func client(_ number: Int) {
        if ended { return }
        if time - clients[number].lastSent >= Client.idleTime {
            let old = clients[number].flow
            for listener in kernel.groups.indices { kernel.groups[listener].pins[old] = nil }
            clients[number].life += 1
            clients[number].readers = []
        }
        let flow = clients[number].flow
        for listener in kernel.groups.indices
        where !isStopping && !kernel.groups[listener].choice.isEmpty {
            steps += 1
            // It may reach any socket there: nobody can be blamed for where.
            if isDisturbed(listener) { continue }
            let (inode, newAt) = kernel.arrive(flow: flow, at: listener)
            if let newAt { checkNewFlow(SlotID(listener: listener, number: newAt)) }
            if let inode { readers(inode) }
        }
        checkMischief()
        clients[number].lastSent = time
        // Some pause for so long that they have ended.
        if !(isCalm && random.oneIn(3)) {
            plan(
                .client(number),
                after: random.oneIn(20)
                    ? 3_000_000 + random.below(3_000_000) : 500 + random.below(400_000))
        }
    }

    private func readers(_ inode: UInt64) {
        guard let pids = kernel.sockets[inode]?.processes else { return }
        for pid in pids { read(pid, inode) }
    }
}
