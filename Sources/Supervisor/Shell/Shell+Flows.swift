import Adoption
import ControlProtocol
import HandoverCore
import Kernel
import ServiceCore
import Settings
import Steering

/// Who has sessions: the looks that people ask for.
extension Shell {
    /// How long the list of sessions besides the flows is waited for beyond the look.
    private static let outsideGrace = Duration.seconds(2)

    /// A look and what else its answer needs.
    final class FlowsAnswer {
        var outside: OutsideList?
        var errand: Errand<Result<OutsideList, KernelError>>?
        var look: FlowLooks.Look?
        var fault: String?
        var deadline: EventLoop.Token?
    }

    struct OutsideList: Sendable {
        let sessions: [OutsideSession]
        let count: Int
    }

    /// Looks who has sessions; `answer` is called from the loop, once.
    func look(_ question: FlowsQuestion, answer: @escaping (ControlReply) -> Void) {
        if looks.isFull {
            return answer(
                .error(
                    .refused(
                        reason: "\(FlowLooks.most) look at the flows already; try again in a moment"
                    )))
        }
        let telling = shown.filter { $0.steering.untellable == nil }
        let interval = telling.map(\.steering.tellingInterval).max() ?? .zero
        // Where nobody tells there is nothing to wait for.
        let time = telling.isEmpty ? .zero ... .zero : question.time(telling: interval)
        let pending = FlowsAnswer()
        let finish: () -> Void = { [unowned self, pending] in
            guard let look = pending.look else { return }
            guard pending.outside != nil || pending.fault != nil else { return }
            if let deadline = pending.deadline { loop.remove(deadline) }
            answer(.flows(reply(to: look, pending, interval)))
        }
        listOutside(question, pending, finish)
        let untold = Dictionary(
            uniqueKeysWithValues: telling.map {
                ($0.number, Int(clamping: $0.steering.counters().untold))
            })
        looks.begin(question, for: time, untold: untold) {
            [unowned self] look in
            let (live, _, seen) = count(look)
            return seen >= live
        } answer: { [unowned self, pending] look in
            pending.look = look
            guard pending.outside == nil, pending.fault == nil else { return finish() }
            pending.deadline = loop.schedule(at: MonotonicClock.now() + Self.outsideGrace) {
                pending.deadline = nil
                pending.errand = nil
                pending.fault = "it took too long to find them"
                finish()
            }
        }
    }

    /// Where new flows may be found: who reads each slot of the listeners that tell.
    func findPlaces() -> [PeerStay: FlowLooks.Place] {
        let service = conductor.service
        var readers: [SlotID: (generation: Int, worker: Int)] = [:]
        for generation in service.machine.generations {
            for (worker, slots) in (service.banks[generation.id]?.slots ?? []).enumerated() {
                for slot in slots.joined() {
                    readers[slot.id] = (generation.id.number, worker)
                }
            }
        }
        var places: [PeerStay: FlowLooks.Place] = [:]
        for (index, listener) in shown.enumerated() {
            for (stay, slot) in listener.steering.stays {
                let reader = readers[SlotID(listener: listener.number, number: slot)]
                places[stay] = FlowLooks.Place(
                    listener: index, slot: slot, generation: reader?.generation,
                    worker: reader?.worker, rank: reader?.generation ?? Int.max)
            }
        }
        return places
    }

    /// The flows that were asked for: live ones, those of one datagram, and those that were seen.
    private func count(_ look: FlowLooks.Look) -> (live: Int, unconfirmed: Int, seen: Int) {
        let time = MonotonicClock.now() - look.began
        var (live, unconfirmed, seen) = (0, 0, 0)
        let places = findPlaces()
        for listener in shown where listener.steering.untellable == nil {
            let flows = listener.steering.recentFlows()
            let told = listener.steering.flows(seenWithin: time)
            for (stay, slot) in listener.steering.stays {
                guard let place = places[stay], look.wants(place) else { continue }
                live += flows[slot]?.confirmed ?? 0
                unconfirmed += flows[slot]?.unconfirmed ?? 0
                seen += told[slot] ?? 0
            }
        }
        return (live, unconfirmed, min(seen, live))
    }

    private func reply(
        to look: FlowLooks.Look, _ pending: FlowsAnswer, _ interval: Duration
    ) -> FlowsReply {
        let (live, unconfirmed, seen) = count(look)
        let now = MonotonicClock.now()
        let listeners = shown
        let outside = pending.outside
        let limit = look.question.limit ?? 20
        let flows = (limit == 0 ? [] : look.page.rows).compactMap { row -> FlowRow? in
            guard let flow = row.peer.flow, let place = looks.place(of: row.peer),
                listeners.indices.contains(place.listener)
            else { return nil }
            let listener = listeners[place.listener]
            let drained = place.generation.flatMap { drainAge(of: GenerationID($0)) }
            return FlowRow(
                kind: .flow, peer: "\(flow.peer)", local: "\(flow.local)",
                listener: "\(listener.settings.address)", generation: place.generation,
                worker: place.worker,
                id: listener.steering.sessionID(of: row.peer).map { Hex.text($0) },
                seenSecondsAgo: max(0, (now - row.peer.time).seconds),
                ageSeconds: max(drained ?? 0, (now - row.firstSeen).seconds))
        }
        let others = outsideRows(look.question, outside).prefix(limit - flows.count)
        let untold = listeners.reduce(0) { sum, listener in
            guard let before = look.untold[listener.number] else { return sum }
            return sum + max(0, Int(clamping: listener.steering.counters().untold) - before)
        }
        let remarks = remarks(pending)
        return FlowsReply(
            flows: flows + others, live: live, unconfirmed: unconfirmed, seen: seen,
            untold: untold, outside: outside?.count ?? 0, seconds: (now - look.began).seconds,
            interval: interval.seconds, remarks: remarks.isEmpty ? nil : remarks)
    }

    /// How long a generation has had no new flows.
    private func drainAge(of id: GenerationID) -> Double? {
        conductor.service.machine.generation(id)?.drainBegan.map {
            max(0, (port.now - $0).seconds)
        }
    }

    private func remarks(_ pending: FlowsAnswer) -> [String] {
        shown.compactMap { listener in
            guard listener.settings.address.transport == .udp else { return nil }
            return listener.steering.untellable.map { "\(listener.settings.address): \($0)" }
        } + (pending.fault.map { ["sessions besides the flows: \($0)"] } ?? [])
    }
}

// MARK: Sessions besides the flows

extension Shell {
    /// The workers that were asked for, in the order in which they are named.
    private func workers(_ question: FlowsQuestion) -> [(id: WorkerID, pid: Int32)] {
        conductor.service.machine.generations.flatMap { generation in
            generation.workers.compactMap { place in
                let id = WorkerID(generation.id, place.index)
                guard (question.generation ?? id.generation.number) == id.generation.number,
                    (question.worker ?? id.index) == id.index
                else { return nil }
                return port.processes[id].map { (id, $0.pid) }
            }
        }
    }

    private func listOutside(
        _ question: FlowsQuestion, _ pending: FlowsAnswer, _ finish: @escaping () -> Void
    ) {
        let places = port.sockets.listeners.map(\.place)
        let workers = workers(question)
        let ports = workers.reduce(into: Set<UInt16>()) {
            $0.formUnion(port.binds.ports(of: $1.id))
        }.subtracting(places.map(\.address.port))
        let (pids, most) = (workers.map(\.pid), question.limit ?? 20)
        do throws(KernelError) {
            pending.errand = try Errand(in: loop) {
                Result { () throws(KernelError) in
                    let found = try SessionCensus.list(
                        of: pids, listeners: places, ownPorts: ports, atMost: most)
                    return OutsideList(sessions: found.sessions, count: found.count)
                }
            } then: { [unowned pending] result in
                pending.errand = nil
                switch result {
                case .success(let list): pending.outside = list
                case .failure(let error): pending.fault = "\(error)"
                }
                finish()
            }
        } catch {
            pending.fault = "\(error)"
        }
    }

    private func outsideRows(_ question: FlowsQuestion, _ list: OutsideList?) -> [FlowRow] {
        let workers = workers(question)
        return (list?.sessions ?? []).map { session in
            let worker = workers.indices.contains(session.worker) ? workers[session.worker].id : nil
            let kind: FlowRow.Kind =
                switch session.kind {
                case .connection: .connection
                case .connected: .connected
                case .port: .port
                }
            return FlowRow(
                kind: kind, peer: session.peer.map { "\($0)" }, local: "\(session.local)",
                generation: worker?.generation.number, worker: worker?.index)
        }
    }
}
