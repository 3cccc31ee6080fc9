import HandoverCore
import ServiceCore

/// The file of the history, as a disk has it that may be slow, full, or be written to by a thread whose process
/// dies meanwhile.
struct SimulatedDisk {
    /// What the file has.
    var entries: [HistoryEntry] = []
    /// What a thread is writing.
    var underWay: [HistoryEntry]?
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed ^ 0x4157) }
}

/// A handover that was seen to be under way, by the life of the service and the request that began it.
struct BegunHandover: Hashable {
    let life: Int
    let request: RequestID
}

/// **Each handover that has begun is in the history once**, whoever dies. The one gap: a supervisor that is killed
/// after the end of its service is on record, and before the file is written, has told the file of its last
/// handover what it had written before, or nothing.
extension World {
    func readHistory() {
        disk.underWay = nil
        let found = disk.entries
        plan(
            .input(.historyRead(found, fault: nil), for: incarnation),
            after: 1 + disk.random.below(5_000))
    }

    func writeHistory(_ service: Service) {
        let entries = service.history.entries
        checkOrder(entries)
        if disk.underWay != nil { violate(.history, "the history is written twice at once") }
        if fails(false) {
            plan(
                .input(.historyWritten(fault: "no space left on device"), for: incarnation),
                after: 1 + disk.random.below(5_000))
            return
        }
        // A thread may be done, and its process die before it hears of that.
        if disk.random.oneIn(2) { disk.entries = entries }
        disk.underWay = entries
        plan(
            .input(.historyWritten(fault: nil), for: incarnation),
            after: 1 + disk.random.below(50_000))
    }

    /// The service ends, and waits for its file.
    func finishHistory(_ service: Service) {
        disk.underWay = nil
        var history = service.history
        // It may have ended before it was told what there is.
        if !history.isRead { history.read(disk.entries, isDamaged: false) }
        checkOrder(history.entries)
        disk.entries = history.entries
    }

    /// A thread's answer is heard.
    func historyHeard(_ fault: String?) {
        if fault == nil, let entries = disk.underWay { disk.entries = entries }
        disk.underWay = nil
    }

    /// Takes in which handovers are under way.
    func followHistory(_ service: Service) {
        for handover in service.machine.handovers {
            see(handover.entry, service)
            if let entry = service.history[handover.entry] { holdToName(entry) }
        }
        for request in unnumbered { see(request, service) }
    }

    func see(_ request: RequestID, _ service: Service) {
        let key = BegunHandover(life: life, request: request)
        guard begun[key] ?? 0 == 0 else { return }
        guard let entry = service.history[request] else {
            return violate(
                .history, "a handover under way (\(request.number)) is not in the history")
        }
        begun[key] = entry.number
        if entry.number > 0 { unnumbered.remove(request) } else { unnumbered.insert(request) }
    }

    /// Once it has flipped it is from and to the same generations, whatever becomes of it.
    private func holdToName(_ entry: HistoryEntry) {
        guard entry.number > 0, entry.timeToFlip != nil, let from = entry.from else { return }
        let name = "\(from) to \(entry.to)"
        if let before = toldNames[entry.number], before != name {
            violate(.history, "handover \(entry.number), \(before), is told as \(name)")
        }
        toldNames[entry.number] = name
    }

    /// A service begins: what the one before had not written is gone.
    func beginLife() {
        life += 1
        unnumbered = []
        let numbers = Set(disk.entries.map(\.number))
        begun = begun.filter { numbers.contains($0.value) }
        toldNames = toldNames.filter { numbers.contains($0.key) }
    }

    private func checkOrder(_ entries: [HistoryEntry]) {
        for (one, next) in zip(entries, entries.dropFirst()) where one.number >= next.number {
            violate(.history, "handover \(next.number) comes after \(one.number)")
        }
    }

    func checkHistory(_ entries: [HistoryEntry], _ service: Service?) {
        checkOrder(entries)
        let counts = entries.reduce(into: [Int: Int]()) { $0[$1.number, default: 0] += 1 }
        var numbers = begun
        if let service {
            for (key, number) in begun where number == 0 && key.life == life {
                numbers[key] = service.history[key.request]?.number ?? 0
            }
        }
        for (number, keys) in Dictionary(grouping: numbers.keys, by: { numbers[$0] ?? 0 }) {
            if number > 0, keys.count > 1 {
                violate(.history, "\(keys.count) handovers have the number \(number)")
            }
            // The oldest make room. One that was under way for longer than its elders were kept is before them.
            let isFull = entries.count >= History.most
            let newest = isFull ? entries[entries.count / 2].number : entries.first?.number ?? 0
            let isForgotten = number > 0 && number < newest
            if counts[number] != 1, !isForgotten, number > 0 || service?.history.isRead == true {
                violate(
                    .history, "handover \(number) is in the history \(counts[number] ?? 0) times")
            }
        }
    }

    func checkHistoryAtRest(_ service: Service) {
        checkHistory(service.history.entries, service)
        for entry in service.history.entries { holdToName(entry) }
        if disk.entries != service.history.entries {
            violate(
                .history, "the file is not what the history says, and nothing is left to happen")
        }
        let open = Set(service.machine.handovers.map(\.entry))
        for id in service.history.open where !open.contains(id) {
            violate(.history, "handover \(id.number) is told to be under way, and is over")
        }
        let count = service.history.entries.count { !$0.isOver }
        if count != open.count {
            violate(.history, "\(count) handovers are told to be under way, and \(open.count) are")
        }
    }
}
