import Kernel

extension KeeperProcess {
    /// Does what a packet asks.
    func take(_ bytes: [UInt8], _ descriptors: inout DescriptorList) {
        let request: KeeperRequest
        do throws(PacketError) {
            request = try KeeperRequest(parsing: bytes)
        } catch {
            return report(.complaint("a packet that is no request: \(error)"))
        }
        switch request {
        case .stopRule(let rule): stopRule = rule
        case .keep(let name):
            guard let descriptor = descriptors.takeFirst() else {
                return report(.complaint("\(name) came without a descriptor"))
            }
            kept[name] = SharedDescriptor(descriptor)
        case .forget(let name): kept[name] = nil
        case .list: list()
        case .spawn(let name): beginSpawn(name, &descriptors)
        case .more: continueSpawn(&descriptors)
        case .release(let name):
            if workers[name]?.exit != nil { workers[name] = nil }
        case .lifeLine: holdLifeLine(&descriptors)
        case .end: end()
        }
    }

    private func list() {
        var entries: [KeptEntry] = []
        var holders: [any DescriptorHolder] = []
        var room = PacketFormat.longest
        func add(_ entry: KeptEntry, _ length: Int, _ holder: (any DescriptorHolder)?) {
            // No entry is longer than its name and this.
            let length = length + 32
            if room < length || holders.count == PacketFormat.mostDescriptors {
                report(.contents(entries), holders)
                (entries, holders, room) = ([], [], PacketFormat.longest)
            }
            entries.append(entry)
            if let holder { holders.append(holder) }
            room -= length
        }
        room -= 32
        for (name, descriptor) in kept.sorted(by: { $0.key < $1.key }) {
            add(.descriptor(name), name.utf8.count, descriptor)
        }
        for (name, worker) in workers.sorted(by: { $0.key < $1.key }) {
            if let exit = worker.exit {
                add(.ended(name, pid: worker.pid, exit), name.utf8.count, nil)
            } else {
                add(.running(name, pid: worker.pid), name.utf8.count, worker)
            }
        }
        if !entries.isEmpty { report(.contents(entries), holders) }
        report(.listed)
    }

    private func holdLifeLine(_ descriptors: inout DescriptorList) {
        guard let descriptor = descriptors.takeFirst() else {
            return report(.complaint("the life line came without a descriptor"))
        }
        let end = UnixConnection(adopting: descriptor)
        guard (try? end.isSequencedPacket()) == true else {
            return report(.complaint("the life line is no socket for packets"))
        }
        lifeLine = try? LifeLine(
            end, in: loop,
            arrived: { [unowned self] in admit(fromLifeLine: $0) },
            ended: { [unowned self] in lifeLineEnded() })
        if lifeLine == nil { report(.lifeLineLost) }
    }

    private func lifeLineEnded() {
        lifeLine = nil
        if hasSupervisor() { report(.lifeLineLost) } else { beginEnding() }
    }
}
