import HandoverCore
import Settings
import Testing

@testable import ServiceCore

/// What becomes a listener by `--adopt auto`, and what is asked of the next generation.
@Suite struct AdoptedAddressesTests {
    private static func place(_ port: UInt16, host: UInt32 = 0, isStream: Bool = false)
        -> SocketPlace
    {
        SocketPlace(
            .ipv4(host, port: port), v6Only: false, isStream: isStream,
            text: "\(isStream ? "tcp" : "udp")://\(host):\(port)")
    }

    /// A service whose one worker binds what it will.
    private struct Adopting {
        var service: Service
        private(set) var verbs: [Verb] = []
        private var queue: [Input] = []
        private var lastNumber = 0
        private var sockets: [SlotID: UInt64] = [:]
        /// What its workers have open, and how.
        var uses: [SlotID: SlotUse] = [:]
        var now = Instant(sinceStart: .seconds(10))

        init(_ rules: [AdoptRule] = [.auto], workers: Int = 1) {
            var settings = ServiceSettings()
            settings.name = "test"
            settings.command = ["/bin/server"]
            settings.workers = workers
            settings.adopt = rules
            service = Service(settings, listeners: [], policy: Policy())
            take(.start)
        }

        static func pid(_ id: WorkerID) -> Int32 { Int32(1000 + id.generation.number) }

        var worker: WorkerID {
            WorkerID(service.machine.generations.last?.id ?? GenerationID(1), 0)
        }

        /// Hands an input in, and answers what comes of it as the kernel would.
        mutating func take(_ input: Input) {
            queue.append(input)
            while !queue.isEmpty {
                now = now + .milliseconds(1)
                for verb in service.handle(queue.removeFirst(), at: now) { perform(verb) }
            }
        }

        private mutating func perform(_ verb: Verb) {
            verbs.append(verb)
            if case .duty(let duty) = verb { service.isDone(duty) }
            switch verb {
            case .identify(let id): queue.append(.identified(id, nil, at: 1))
            case .bind(let slot):
                lastNumber += 1
                sockets[slot] = UInt64(lastNumber)
                queue.append(.slotBound(slot, BoundSocket(inode: UInt64(lastNumber))))
            case .spawn(let id):
                queue.append(
                    .workerSpawned(id, pid: Self.pid(id), answersBinds: true))
            case .makeListener(let wanted, let call):
                var shape = ListenerShape(address: wanted.place.text, place: wanted.place)
                shape.isAdopted = true
                shape.socketsPerWorker = 0
                queue.append(.listenerMade(wanted.number, shape, call))
            case .answerBind(let call, let slot):
                uses[slot] = .serving
                queue.append(.bindAnswered(call, slot, nil))
            case .look(let id):
                let slots = service.banks.slots(of: id).flatMap { $0 }.filter { uses[$0.id] != nil }
                queue.append(
                    .workerSeen(
                        id, pid: Self.pid(id),
                        WorkerSight(
                            sightings: Dictionary(
                                uniqueKeysWithValues: slots.map { ($0.id, .taken) }))))
            case .lookAtAdopted(let bound, let look):
                let seen = bound.flatMap { $0.slots }.map { ($0, uses[$0] ?? .unheld) }
                queue.append(.adoptedSeen(Dictionary(uniqueKeysWithValues: seen), look))
            case .observe: queue.append(.observed(Observation()))
            case .findHolders(let call, _, let slots):
                queue.append(.holdersSeen(call, held: slots.filter { uses[$0] != nil }))
            case .renew(let slot, _):
                queue.append(.slotBound(slot, BoundSocket(inode: sockets[slot] ?? 0)))
            default: break
            }
        }

        mutating func bind(_ place: SocketPlace, by index: Int = 0) {
            lastNumber += 1
            let inode = UInt64(lastNumber)
            let worker = WorkerID(worker.generation, index)
            take(
                .bindAsked(
                    CallID(lastNumber), worker, pid: Self.pid(worker),
                    BindCall(place: place, facts: BindFacts(), inode: inode)))
        }

        /// Lets time pass, with all that becomes due.
        mutating func pass(_ time: Duration) {
            let end = now + time
            while let due = service.nextDeadline, due <= end {
                now = max(now, due)
                take(.tick)
            }
            now = max(now, end)
        }

        func slots(at port: UInt16) -> [SlotID] {
            service.banks.listeners.indices
                .filter { service.banks.listeners[$0].place.address.port == port }
                .flatMap { service.banks.users(of: $0).map(\.slot) }
        }

        /// What the status shows.
        var shown: [UInt16] {
            service.banks.listeners.indices.filter { service.shows($0) }
                .map { service.banks.listeners[$0].place.address.port }.sorted()
        }

        mutating func close(_ port: UInt16) { for slot in slots(at: port) { uses[slot] = nil } }

        /// The answer to an upgrade in which the new version binds these.
        mutating func upgrade(binding places: [SocketPlace]) -> Bool {
            let before = service.machine.current
            take(
                .asked(
                    AskerID(1), .upgrade(command: nil, workers: nil), .flip, sendsProgress: false))
            for place in places { bind(place) }
            pass(.seconds(31))
            return service.machine.current != before
        }
    }

    private static func serving(_ places: [SocketPlace]) -> Adopting {
        var run = Adopting()
        for place in places { run.bind(place) }
        run.pass(.milliseconds(200))
        return run
    }

    @Test func aPortThatIsServedIsAListenerOnceTheWorkerIsReady() {
        var run = Adopting()
        run.bind(Self.place(5353))
        #expect(run.shown.isEmpty)
        run.pass(.milliseconds(200))
        #expect(run.service.machine.current == GenerationID(1))
        #expect(run.shown == [5353])
    }

    @Test func aResolversQuestionsAreNoListeners() {
        var run = Adopting()
        run.bind(Self.place(53))
        run.bind(Self.place(53, isStream: true))
        for port in [40_001, 40_002, 40_003] as [UInt16] { run.bind(Self.place(port)) }
        run.close(40_001)
        for slot in run.slots(at: 40_002) { run.uses[slot] = .connected }
        run.pass(.seconds(3))
        #expect(run.service.machine.current == GenerationID(1))
        // One that happens to be open without a peer as the worker gets ready counts while it is open.
        run.close(40_003)
        run.close(40_002)
        run.pass(.seconds(25))
        #expect(run.shown == [53, 53])
        #expect(run.slots(at: 40_001).isEmpty && run.slots(at: 40_002).isEmpty)
        #expect(run.slots(at: 40_003).isEmpty)
    }

    @Test func aPortPickedAtRandomForLifeIsNotAskedOfTheNextVersion() {
        var run = Self.serving([Self.place(53), Self.place(40_001)])
        for port in [40_002, 40_003, 40_004] as [UInt16] {
            let isDone = run.upgrade(binding: [Self.place(53), Self.place(port)])
            #expect(isDone, "with \(port)")
        }
        #expect(run.shown.contains(53) && run.shown.contains(40_004))
    }

    @Test func whatTwoVersionsHaveServedIsAskedOfTheThird() {
        var run = Self.serving([Self.place(5353), Self.place(5354)])
        let whole = [Self.place(5353), Self.place(5354)]
        let isSecond = run.upgrade(binding: whole)
        let isThird = run.upgrade(binding: [Self.place(5353)])
        #expect(isSecond && !isThird)
    }

    @Test(arguments: [
        [place(53), place(54)],
        [place(5353), place(5353, isStream: true)],
    ])
    func whatIsNoQuestionsPortIsAskedOfTheSecond(_ whole: [SocketPlace]) {
        var run = Self.serving(whole)
        let isHalf = run.upgrade(binding: [whole[0]])
        let isWhole = run.upgrade(binding: whole)
        #expect(!isHalf && isWhole)
    }

    @Test func anAddressThatTheServerHasClosedIsNotAskedOfTheNextVersion() {
        let gone = Self.place(53, host: 2)
        var run = Self.serving([Self.place(53, host: 1), gone])
        for slot in run.service.banks.users(of: 1).map(\.slot) { run.uses[slot] = nil }
        let isDone = run.upgrade(binding: [Self.place(53, host: 1)])
        #expect(isDone)
        // It comes back while the server runs.
        run.bind(gone)
        #expect(run.shown == [53, 53])
    }

    @Test func anAddressWhoseNumberAnotherOneHasMayBeNamedByTheSettings() throws {
        var run = Self.serving([Self.place(53, host: 1), Self.place(54)])
        var settings = run.service.settings
        settings.listeners = try [53, 54].map {
            var listener = ListenerSettings(address: try .parse("udp://0.0.0.0:\($0)"))
            listener.isAdopted = true
            return listener
        }
        run.take(.settingsChanged(settings, Policy()))
        run.close(54)
        run.pass(.seconds(40))
        run.bind(Self.place(53, host: 2))
        #expect(run.service.banks.listeners.count == 2 && run.shown == [53, 53])
        let named = ListenerSettings(address: settings.listeners[1].address)
        run.take(.listenersNamed(ListenerChanges(added: [named])))
        #expect(run.verbs.contains(.addListener(2, named)))
    }

    @Test func anAddressThatIsClosedAndBoundAgainAtOnceKeepsItsSocket() {
        var run = Self.serving([Self.place(53)])
        let slots = run.slots(at: 53)
        run.close(53)
        run.pass(.seconds(5))
        run.bind(Self.place(53))
        #expect(run.slots(at: 53) == slots)
        run.close(53)
        run.pass(.seconds(40))
        #expect(run.slots(at: 53).isEmpty)
        #expect(run.verbs.contains(.duty(.release(slots[0], of: nil, dropsBefore: 0))))
    }

    @Test func aWorkerThatIsStartedAgainServesWhatItBinds() {
        var run = Self.serving([Self.place(53, host: 1), Self.place(53, host: 2)])
        let id = run.worker
        run.uses = [:]
        run.take(.workerExited(id, pid: Int32(1000 + id.generation.number), .killed(signal: 9)))
        run.take(.queuesSeen(.left(id), hasData: false))
        run.pass(.seconds(1))
        run.bind(Self.place(53, host: 1))
        run.pass(.seconds(3))
        #expect(run.service.workers[id]?.readiness?.isReady == true)
    }

    @Test func aReadyWorkersBindAtAPortThatIsServedIsAListenersToo() {
        var run = Self.serving([Self.place(5353, host: 1)])
        run.bind(Self.place(5353, host: 2))
        run.bind(Self.place(40_001))
        run.pass(.seconds(2))
        #expect(run.shown == [5353, 5353])
    }

    @Test(arguments: [[AdoptRule.auto], [.port(.tcp, 5201), .port(.udp, 5201)]])
    func whatAReadyServerBindsForASessionIsNotAskedOfTheNextVersion(_ rules: [AdoptRule]) {
        var run = Adopting(rules)
        run.bind(Self.place(5201, isStream: true))
        run.pass(.milliseconds(200))
        for _ in 0..<3 {
            run.bind(Self.place(5201))
            run.pass(.seconds(12))
            #expect(run.shown == [5201, 5201])
            let isDone = run.upgrade(binding: [Self.place(5201, isStream: true)])
            #expect(isDone)
        }
        // What a version binds as it starts is asked of the one after it.
        let isDone = run.upgrade(binding: [Self.place(5201, isStream: true), Self.place(5201)])
        let isHalf = run.upgrade(binding: [Self.place(5201, isStream: true)])
        #expect(isDone && !isHalf)
    }

    @Test func aPortThatIsNamedIsAdoptedAtRunTimeToo() {
        var run = Adopting([.port(.udp, 53), .port(.udp, 69)])
        run.bind(Self.place(53))
        run.pass(.milliseconds(200))
        run.bind(Self.place(69))
        run.bind(Self.place(70))
        run.pass(.seconds(2))
        #expect(run.shown == [53, 69])
    }

    /// The command before is current again and has not bound it: those that drain serve it.
    @Test func newFlowsOfAnAddressGoToTheWorkersThatServeItStill() throws {
        var run = Adopting(workers: 2)
        for index in 0..<2 { run.bind(Self.place(53), by: index) }
        run.pass(.milliseconds(200))
        run.take(
            .asked(AskerID(1), .upgrade(command: nil, workers: nil), .flip, sendsProgress: false))
        for index in 0..<2 {
            run.bind(Self.place(53), by: index)
            run.bind(Self.place(54), by: index)
        }
        run.pass(.seconds(2))
        let second = GenerationID(2)
        #expect(run.service.machine.current == second)
        let listener = try #require(run.service.banks.listeners.indices.last)
        let slots = (0..<2).compactMap {
            run.service.banks.slots(of: WorkerID(second, $0))[listener].first?.id
        }
        #expect(slots.count == 2)
        run.take(.asked(AskerID(2), .rollback, .flip, sendsProgress: false))
        #expect(run.service.machine.current == GenerationID(1))
        #expect(run.service.expected.listeners[listener].choice == Set(slots.map(\.number)))
        let dead = WorkerID(second, 0)
        run.take(.workerExited(dead, pid: Adopting.pid(dead), .killed(signal: 9)))
        run.take(.queuesSeen(.left(dead), hasData: false))
        #expect(run.service.expected.listeners[listener].choice == [slots[1].number])
        let steered = run.verbs.lastIndex {
            if case .duty(.steer(_, let choices, _)) = $0 {
                choices[listener] == [slots[1].number]
            } else {
                false
            }
        }
        let left = run.verbs.lastIndex {
            if case .duty(.resteer(let left)) = $0 { left.contains(slots[0]) } else { false }
        }
        #expect(try #require(steered) < (try #require(left)))
    }

    @Test func theNumbersOfListenersThatAreGoneAreUsedAgain() {
        var run = Self.serving([Self.place(53)])
        for round in 0..<20 as Range<UInt16> {
            let ports = (0..<10 as Range<UInt16>).map { Self.place(40_000 + round * 10 + $0) }
            let isDone = run.upgrade(binding: [Self.place(53)] + ports)
            #expect(isDone, "round \(round)")
            for place in ports { run.close(place.address.port) }
            run.pass(.seconds(30))
        }
        #expect(run.shown == [53])
        #expect(run.service.banks.listeners.count <= 21, "\(run.service.banks.listeners.count)")
    }

    @Test func aListenerThatWasBeingMadeAsTheSupervisorDiedIsKnownToTheNext() throws {
        var shape = ListenerShape(address: "a", place: Self.place(40_000))
        shape.isAdopted = true
        var run = Self.serving([Self.place(53)])
        var recorder = Recorder()
        let parts = recorder.changes(&run.service).compactMap { $0.1 }
        var state = try #require(try PredecessorState(parts))
        state.listeners.append(.init(shape: shape, idle: [], lostAtClosed: 0))
        for id in state.workers.keys { state.workers[id]?.slots.append([]) }
        var now = run.service.banks.listeners
        var made = shape
        made.address = "b"
        now.append(made)
        now[1] = ListenerShape(address: "b", place: Self.place(40_001))
        state.meet(now)
        #expect(state.listeners[1].shape.place.isSame(as: Self.place(40_001)))
        #expect(state.listeners[0].shape.place.isSame(as: Self.place(53)))
        #expect(state.listeners[1].evidence == Evidence())
    }
}
