import Kernel

extension KeeperProcess {
    /// Packets that may wait for a supervisor before it is asked nothing more.
    private static let longestBacklog = 64

    /// Lets a supervisor in that has knocked, if it may and nobody else is here.
    func admit(_ connection: consuming UnixConnection) {
        do throws(KernelError) {
            let peer = try connection.peerCredentials().uid
            guard peer == 0 || peer == ProcessIdentity.effectiveUser else {
                return refuse(connection, "user \(peer) is neither root nor this keeper's own")
            }
        } catch {
            return refuse(connection, "\(error)")
        }
        connect(connection)
    }

    /// Takes what came over the life line as a channel; whoever holds that may.
    func admit(fromLifeLine descriptor: consuming OwnedDescriptor) {
        let connection = UnixConnection(adopting: descriptor)
        // Anything may have been sent: only a socket of the right kind is one.
        guard (try? connection.isSequencedPacket()) == true else { return }
        connect(connection)
    }

    /// Makes the connection the one channel, or refuses it with words.
    func connect(_ connection: consuming UnixConnection) {
        switch phase {
        case .keeping: break
        case .ending: return refuse(connection, "the service is ending")
        }
        guard !hasSupervisor() else {
            return refuse(connection, "another supervisor is connected")
        }
        guard let channel = try? PacketStream(connection, in: loop, PacketFormat.limits)
        else { return }
        self.channel = channel
        drains = [:]
        channel.received = { [unowned self] bytes, descriptors in
            take(bytes, &descriptors)
            channelMoved()
        }
        channel.lostDescriptors = { [unowned self] in
            report(.complaint("descriptors were lost: the keeper may not have so many"))
        }
        channel.ended = { [unowned self] in supervisorLeft() }
        channel.drained = { [unowned self] in channelMoved() }
        report(.welcome(pid: ProcessIdentity.processID))
        untold = workers.values.filter { $0.exit != nil }.map(\.name).sorted()
        tellExits()
    }

    /// Whether a supervisor is connected now: one that has gone may not have been noticed yet.
    func hasSupervisor() -> Bool {
        guard let channel else { return false }
        return channel.hasPeer()
    }

    func report(_ report: KeeperReport, _ holders: [any DescriptorHolder] = []) {
        channel?.send(report.bytes, holders)
    }

    /// Reads no more from a supervisor that does not read, so that what waits for it is bounded;
    /// ends of workers are state and wait as such.
    func channelMoved() {
        guard let channel else { return }
        channel.setReading(channel.backlog < Self.longestBacklog)
        tellExits()
    }

    /// Tells the ends that there is room to tell, after what was promised before.
    func tellExits() {
        guard let channel, channel.backlog < Self.longestBacklog else { return }
        let names = untold
        untold = []
        for name in names {
            guard let worker = workers[name], let exit = worker.exit else { continue }
            if channel.backlog < Self.longestBacklog {
                report(.exited(name, exit))
            } else {
                untold.append(name)
            }
        }
    }

    private func refuse(_ connection: borrowing UnixConnection, _ words: String) {
        _ = try? connection.send(KeeperReport.refused(words).bytes)
    }

    private func supervisorLeft() {
        channel = nil
        pendingSpawn = nil
        untold = []
        switch phase {
        case .keeping: break
        case .ending: return
        }
        if kept.isEmpty, workers.isEmpty {
            // It never got as far as having something to leave.
            phase = .ending(kill: nil)
            return finishIfAlone()
        }
        for (name, reader) in kept { drain(name, reader) }
    }

    private func drain(_ name: String, _ reader: SharedDescriptor) {
        let sink: DrainSink
        switch name.suffix(4) {
        case ".out": sink = output
        case ".err": sink = errorOutput
        default: return
        }
        let worker = name.dropLast(4)
        let mark = worker.hasPrefix("worker.") ? worker.dropFirst("worker.".count) : worker
        // What cannot be waited on is no pipe.
        drains[name] = try? OutputDrain(reading: reader, mark: "[\(mark)] ", to: sink, in: loop)
    }
}
