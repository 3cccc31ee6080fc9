import ChannelProtocol
import HandoverCore
import ServiceCore

/// What workers say, true or not, and what they are told.
extension World {
    func notify(_ process: SimulatedProcess, _ notification: Notification) {
        guard isTold(process), let id = process.id else { return }
        handLater(.notified(id, pid: process.pid, notification, nil, duplicates: []))
    }

    /// Asks over the channel; each request has one answer.
    func request(_ pid: Int32, _ message: WorkerMessage, within most: Int = 2_000) {
        guard let process = processes[pid], isTold(process), let id = process.id else { return }
        processes[pid]?.lastRequest += 1
        let number = process.lastRequest + 1
        var received: ReceivedID?
        var duplicates: [Int?] = []
        if message.takesDescriptors {
            lastNumber += 1
            received = ReceivedID(lastNumber)
            duplicates = [nil]
        }
        // Those that are answered by more than one message, or by one of the port, are not counted.
        switch message {
        // What it says later may be heard earlier.
        case .drained, .sessions(0): processes[pid]?.saysDrained = true
        default: break
        }
        switch message {
        case .hello, .fetch, .link: break
        default: processes[pid]?.open.insert(number)
        }
        handLater(
            .heard(
                id, pid: pid, WorkerRequest(message, id: number), received, duplicates: duplicates),
            within: most)
    }

    func said(
        _ id: WorkerID, _ message: SupervisorMessage, _ request: UInt64?, _ lending: [Lent],
        _ service: Service
    ) {
        guard let pid = service.workers[id]?.pid, processes[pid] != nil else { return }
        for case .stored(let number) in lending where keeper != nil {
            if keeper?.kept[.stored(number)] == nil, store[.stored(number)] == nil {
                violate(.descriptors, "worker \(id) is lent stored.\(number), which nobody has")
            }
        }
        switch message {
        case .welcome: welcomed(pid, id, lending)
        case .ok, .error:
            guard let request else { break }
            if processes[pid]?.open.remove(request) == nil, case .ok = message,
                request <= processes[pid]?.lastRequest ?? 0
            {
                violate(.answers, "request \(request) of worker \(id) is answered twice")
            }
        case .drain, .resume, .stop, .stored, .link: break
        }
    }

    func linked(_ order: LinkOrder, _ service: Service) {
        if service.workers[order.peer]?.isRunning != true {
            violate(.promise8, "a link leads to worker \(order.peer), which does not run")
        }
        hand(
            .linkMade(
                order,
                random.oneIn(3)
                    ? .busy : random.oneIn(5) ? .failed("no") : random.oneIn(5) ? .gone : .made))
    }

    func report(_ pid: Int32, _ process: SimulatedProcess) {
        guard !process.hangs else { return }
        request(pid, .sessions(isCalm ? 0 : random.below(3)), within: 10_000)
        if process.behaviour.stores, !isCalm {
            switch random.below(3) {
            case 0: request(pid, .store(name: "state", adds: false))
            case 1: request(pid, .forget(name: "state"))
            default: request(pid, .fetch)
            }
        }
        plan(.process(pid, .report), within: isCalm ? 20_000_000 : 5_000_000)
    }

    /// A worker that speaks the channel may say that it is drained.
    func drains(_ id: WorkerID, _ service: Service) {
        guard let pid = service.workers[id]?.pid, let process = processes[pid],
            process.behaviour.speaksChannel, random.oneIn(2)
        else { return }
        request(pid, .drained, within: 2_000_000)
    }

    // MARK: Lies

    /// Says what comes to its mind.
    func speak(_ pid: Int32, _ process: SimulatedProcess) {
        guard !isCalm, !process.hangs else { return }
        for _ in 0..<(process.behaviour.floods ? 60 : 1) { lie(pid, process) }
        plan(.process(pid, .speak), within: 300_000)
    }

    private func lie(_ pid: Int32, _ process: SimulatedProcess) {
        var notification = Notification()
        switch random.below(20) {
        case 0, 1: notification.isReady = true
        case 2: notification.mainPID = Int32(1 + random.below(1000))
        case 3: notification.extendTimeout = .seconds(random.below(3))
        case 4:
            notification.watchdog = .trigger
            processes[pid]?.hasAskedForIt = true
        case 5: notification.isStopping = true
        case 6: notification.status = "all is well"
        case 7:
            notification.storesDescriptors = true
            lastNumber += 1
            guard isTold(process), let id = process.id else { return }
            return handLater(
                .notified(
                    id, pid: pid, notification, ReceivedID(lastNumber), duplicates: [nil, nil]))
        case 8:
            notification.removesStored = true
            notification.storedName = "stored"
        case 9: return request(pid, .hello(.init(version: random.below(9))))
        case 10: return request(pid, .ready(unread: [0]))
        case 11: return request(pid, .sessions(random.pick([0, 1, Int.max])))
        case 12: return request(pid, .drained)
        case 13: return request(pid, .failed(reason: "of no reason"))
        case 14: return request(pid, .leave)
        case 15:
            return request(pid, .store(name: "name\(random.below(300))", adds: random.oneIn(2)))
        case 16: return request(pid, .forget(name: "name\(random.below(300))"))
        case 17:
            let target = random.pick([.current, .older, .newer, LinkTarget.generation(2)])
            return request(pid, .link(target, worker: random.pick([nil, 0, 7, -1]), label: nil))
        case 18:
            let flow = FlowName(listener: random.below(4) - 1, peer: "192.0.2.1:1")
            return request(pid, random.oneIn(2) ? .pin(flow) : .unpin(flow))
        default: return request(pid, .fetch)
        }
        notify(process, notification)
    }
}
