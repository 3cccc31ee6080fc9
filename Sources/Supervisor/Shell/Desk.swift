import ControlProtocol
import HandoverCore
import HistoryWire
import Kernel
import Logging
import ServiceCore
import Settings
import SystemPackage
import Systemd

/// The owner of all who talk to the service or hear of it: control connections, followers of events,
/// the log, the service manager.
final class Desk {
    /// Who waits for the answer to a call.
    private struct Asker {
        weak var connection: ControlConnection?
        /// What became of the settings file's changes.
        var settings: [SettingOutcome]?
        /// Whether it has asked for a handover.
        var isForHandover = false
    }

    let log: Logger
    private let loop: EventLoop
    private let manager: ServiceManager
    let name: String
    private var endpoint: ControlEndpoint?
    private let events = EventHub()
    private var askers: [AskerID: Asker] = [:]
    private var lastAsker = 0
    /// When the handover to a generation began.
    private(set) var began: [GenerationID: Instant] = [:]
    /// Own outputs whose reader is slow.
    private var catchingUp: Set<ObjectIdentifier> = []
    var report: (Input) -> Void = { _ in }
    /// An upgrade is asked for: the settings are to be looked at.
    var willUpgrade: (Wish, Role) -> [SettingOutcome] = { _, _ in [] }
    /// Settings that have changed and are not in effect.
    var unfollowed: () -> [String] = { [] }
    /// What the status shows of the listeners.
    var listeners: ([SlotID: FlowCount]) -> [ListenerStatus] = { _ in [] }
    /// How the settings file differs from what runs.
    var compareSettings: () -> SettingsReply = { SettingsReply(file: nil) }
    /// Where datagrams would go.
    var explain: ([DatagramQuestion]) -> [DatagramExplanation] = { _ in [] }
    /// Who has sessions; answered later.
    var look: (FlowsQuestion, @escaping (ControlReply) -> Void) -> Void = { _, _ in }
    /// Ends a flow or moves it.
    var changeFlow: (FlowDeed) -> ControlReply = { _ in .done }
    /// What it shows of the tables of flows.
    var tables: ([SlotID: FlowCount]) -> [TableStatus] = { _ in [] }
    /// What the status shows of a generation's program.
    var program: (Generation) -> ProgramStatus? = { _ in nil }
    /// The generation that is current, for who begins to follow.
    var current: () -> GenerationID? = { nil }
    /// The number of a worker's process.
    var pid: (WorkerID) -> Int32? = { _ in nil }
    /// What workers take of the machine at this moment.
    var uses: () -> [WorkerID: ProcessUse] = { [:] }
    /// Who has what is printed; nil where nobody keeps it.
    var logPlace: String?
    private var isStopping = false
    private(set) var tally = ServiceTally()

    init(_ name: String, _ manager: ServiceManager, in loop: EventLoop, _ log: Logger) {
        self.name = name
        self.manager = manager
        self.loop = loop
        self.log = log
    }

    // MARK: The control socket

    func open(at path: String, _ admission: Admission) throws(SupervisorError) {
        do throws(KernelError) {
            endpoint = try ControlEndpoint(at: path, admission, in: loop) {
                [unowned self] connection in
                connection.called = { [unowned self, unowned connection] call in
                    serve(call, on: connection)
                }
                connection.closed = { [unowned self, unowned connection] in
                    events.remove(connection)
                    forget(connection)
                }
            }
        } catch {
            if error.errno == .addressInUse {
                throw SupervisorError(
                    "\(name) is running already (\(path) answers); relevo upgrade \(name) upgrades "
                        + "it, --name gives another name")
            }
            throw SupervisorError(
                "control socket \(error)"
                    + (error.isPermissionDenied
                        ? " (SupplementaryGroups= of the unit lets the group of ControlGroup= be given)"
                        : ""),
                isPermission: error.isPermissionDenied)
        }
    }

    private func forget(_ connection: ControlConnection) {
        for (id, asker) in askers where asker.connection === connection || asker.connection == nil {
            askers[id] = nil
            report(.askerGone(id))
        }
    }

    private func serve(_ call: ControlCall, on connection: ControlConnection) {
        if let reply = ControlReply(answering: call.request) {
            if !call.oneway { connection.reply(reply) }
            return
        }
        let (wish, wait): (Wish, ServiceCore.Wait)
        switch call.request {
        case .getInfo, .getInterfaceDescription: return
        case .getStatus: (wish, wait) = (.status, .none)
        case .getHistory(let number): (wish, wait) = (.history(number), .none)
        case .events:
            connection.reply(.event(greeting()), continues: true)
            return events.add(connection)
        case .compareSettings:
            return call.oneway ? () : connection.reply(.settings(compareSettings()))
        case .explain(let datagrams):
            // Anybody who may look may ask, and nothing changes.
            let reply = ControlReply.explanations(ExplainReply(explanations: explain(datagrams)))
            return call.oneway ? () : connection.reply(reply)
        case .flows(let question):
            // Likewise.
            if !call.oneway { look(question) { [weak connection] in connection?.reply($0) } }
            return
        case .endFlow(let flow): (wish, wait) = (.changeFlow(FlowDeed(flow, moves: false)), .none)
        case .moveFlow(let flow): (wish, wait) = (.changeFlow(FlowDeed(flow, moves: true)), .none)
        case .reexec: (wish, wait) = (.reexec, .none)
        case .upgrade(
            let command, let workers, let asked, _, let release, let steps, let looks,
            let dryRun):
            let canary = steps.flatMap { CanaryPlan($0) }
            let watch = looks.flatMap { WatchPlan($0) }
            guard (canary == nil) == (steps == nil), (watch == nil) == (looks == nil) else {
                let name = (canary == nil) == (steps == nil) ? "watch" : "canary"
                if !call.oneway { connection.reply(.error(.invalidParameter(name))) }
                return
            }
            (wish, wait) = (
                .upgrade(
                    command: command, workers: workers, release: release, canary: canary,
                    watch: watch, dryRun: dryRun.map { DryRun(check: $0.check) }),
                ServiceCore.Wait(asked)
            )
        case .promote(let full, let number, let step):
            let meant = MeantStep(generation: number.map { GenerationID($0) }, step: step)
            (wish, wait) = (.promote(full: full, meant: meant), .flip)
        case .hold: (wish, wait) = (.hold, .flip)
        case .abort: (wish, wait) = (.abort, .flip)
        case .rollback(let asked, _, let number):
            wish = number.map { .rollbackTo(GenerationID($0)) } ?? .rollback
            wait = ServiceCore.Wait(asked)
        case .restart(let asked, _): (wish, wait) = (.restart, ServiceCore.Wait(asked))
        case .drain(let number, let timeout, let keep):
            (wish, wait) = (.drain(number.map { GenerationID($0) }, timeout, keep: keep), .flip)
        case .stop(let timeout): (wish, wait) = (.stop(within: timeout), .drained)
        }
        let role: Role = Admission.isOwner(connection.peer) ? .owner : .member
        var settings: [SettingOutcome]?
        // A dry run changes nothing.
        if case .upgrade(_, _, _, _, _, nil) = wish { settings = willUpgrade(wish, role) }
        if settings?.isEmpty == true { settings = nil }
        var asker: AskerID?
        if !call.oneway {
            lastAsker += 1
            let id = AskerID(lastAsker)
            askers[id] = Asker(
                connection: connection, settings: settings, isForHandover: wish.isForHandover)
            asker = id
            if call.more, settings != nil {
                connection.reply(.operation(OperationReply(settings: settings)), continues: true)
            }
        }
        let origin = Origin(uid: connection.peer.uid, message: call.request.message)
        report(
            .asked(
                asker, wish, wait, sendsProgress: call.more, from: origin,
                as: role))
    }

    /// The first event that a follower gets: where the service stands.
    private func greeting() -> ServiceEvent {
        ServiceEvent(
            time: Self.timestamp, kind: .following, generation: current()?.number, message: name)
    }

    static var timestamp: String { Timestamp.text(MonotonicClock.sinceEpoch()) }

    /// Tells an asker something; a last reply ends its call.
    func tell(_ id: AskerID, _ reply: Reply, of service: Service) {
        guard let asker = askers[id], let connection = asker.connection else { return }
        if case .progress(let progress, let time) = reply {
            guard let step = OperationProgress(progress, after: time) else { return }
            connection.reply(.operation(OperationReply(progress: step)), continues: true)
            return
        }
        if case .remark(let text, let generation, let time) = reply {
            let remark = OperationProgress(
                phase: .start, over: false, generation: generation.number, seconds: time.seconds,
                message: text)
            connection.reply(.operation(OperationReply(progress: remark)), continues: true)
            return
        }
        askers[id] = nil
        var answer = wire(reply, of: service)
        if case .operation(var operation) = answer {
            operation.settings = asker.settings
            if asker.isForHandover, let generation = operation.generation {
                operation.handover = service.handoverNumber(about: GenerationID(generation))
            }
            answer = .operation(operation)
        }
        connection.reply(answer)
    }

    private func wire(_ reply: Reply, of service: Service) -> ControlReply {
        switch reply {
        case .progress, .remark: .done
        case .done(let generation, let summary):
            .operation(
                OperationReply(
                    generation: generation?.number, report: summary.map { HandoverSummary($0) }))
        case .refused(let reason): .error(.refused(reason: reason))
        case .notPermitted(let reason): .error(.notPermitted(reason: reason))
        case .handoverInProgress(let reason): .error(.handoverInProgress(reason: reason))
        case .shuttingDown: .error(.shuttingDown)
        case .nothingToRollBackTo: .error(.nothingToRollBackTo)
        case .failed(let reason, let output, let handover):
            .error(.upgradeFailed(reason: reason, output: output, handover: handover))
        case .invalidParameter(let name): .error(.invalidParameter(name))
        case .status(let counts): .status(status(of: service, counts))
        case .history(let number): .history(HistoryReply(service.history.entries, number))
        }
    }

    /// Ends a flow or moves it, and tells who has asked.
    func change(_ deed: FlowDeed, _ asker: AskerID?) {
        let reply = changeFlow(deed)
        if let asker { askers.removeValue(forKey: asker)?.connection?.reply(reply) }
    }

    // MARK: Another program

    /// Asks whether the program on disk can go on, and goes on as that.
    func reexec(_ asker: AskerID?, _ reexec: Reexec) {
        reexec.begin(
            refused: { [unowned self] reason in
                log.error("reexec: \(reason)")
                if let asker, let connection = askers.removeValue(forKey: asker)?.connection {
                    connection.reply(.error(.refused(reason: "reexec: \(reason)")))
                }
            },
            leaving: { [unowned self] in
                if let asker { askers[asker]?.connection?.reply(.done, continues: true) }
            })
    }

    // MARK: Notices

    /// Tells the log and those who follow of something.
    func announce(_ notice: Notice, of service: Service) {
        switch notice {
        case .progress(let progress):
            tell(of: progress, in: service.handoverNumber(of: progress))
        case .handoverEnded(let summary):
            let wire = HandoverSummary(summary)
            tally.add(wire)
            let number = service.number(of: summary.report.entry)
            log.notice(
                "\(wire.line)",
                metadata: summary.report.to.logFields.about(.handoverEnded).of(handover: number))
            var event = ServiceEvent(
                time: Self.timestamp, kind: .handoverEnded,
                generation: summary.report.to.number, report: wire)
            event.handover = number
            events.send(event)
        case .workerStarted(let id, let pid): tell(.workerStarted, id, nil, pid)
        case .workerReady(let id, let pid): tell(.workerReady, id, nil, pid)
        case .workerExited(let id, let how, let pid): tell(.workerExited, id, "\(how)", pid)
        case .warning(let text, let id): warn(text, id)
        case .critical(let text):
            log.critical("\(text)", metadata: Logger.Metadata().about(.critical))
            events.send(ServiceEvent(time: Self.timestamp, kind: .warning, message: text))
        case .note(let level, let text, let id):
            let levels: [Notice.NoteLevel: Logger.Level] = [
                .debug: .debug, .info: .info, .notice: .notice, .warning: .warning,
                .error: .error,
            ]
            let kind: MessageKind? = level == .warning || level == .error ? .warning : nil
            log.log(
                level: levels[level] ?? .info, "\(text)",
                metadata: (id?.logFields ?? [:]).about(kind))
        }
    }

    func warn(_ text: String, _ id: WorkerID?) {
        log.warning("\(text)", metadata: (id?.logFields ?? [:]).about(.warning))
        events.send(
            ServiceEvent(
                time: Self.timestamp, kind: .warning, generation: id?.generation.number,
                worker: id?.index, message: text))
    }

    private func tell(
        _ kind: ServiceEventKind, _ id: WorkerID, _ message: String?, _ pid: Int32?
    ) {
        let end = (message.map { ": \($0)" } ?? "") + (pid.map { " (pid \($0))" } ?? "")
        log.info("worker \(id) \(kind.words)\(end)", metadata: id.logFields.about(kind.kind))
        events.send(
            ServiceEvent(
                time: Self.timestamp, kind: kind, generation: id.generation.number,
                worker: id.index, pid: pid.map { Int($0) }, message: message))
    }

    private func tell(of progress: Progress, in handover: Int?) {
        if case .preparing = progress.step { began[progress.generation] = progress.at }
        if case .workerRestarts = progress.step { tally.addRestart() }
        if let line = progress.line {
            log.log(
                level: line.level, "\(line.text)",
                metadata: progress.logFields.of(handover: handover))
        }
        guard var event = ServiceEvent(progress, at: Self.timestamp) else { return }
        event.handover = handover
        if let index = event.worker {
            event.pid = pid(WorkerID(progress.generation, index)).map { Int($0) }
        }
        events.send(event)
    }

    /// The last event of all.
    func end() {
        events.end(ServiceEvent(time: Self.timestamp, kind: .stopped, message: name))
    }

    /// Tells the service manager where the service stands.
    func report(_ report: ManagerReport) {
        manager.say(status: report.status)
        if report.isReady { manager.sayReady() }
        if report.isStopping {
            if !isStopping { events.send(ServiceEvent(time: Self.timestamp, kind: .stopping)) }
            isStopping = true
            manager.sayStopping()
        }
        if report.asksForTime { manager.askForTime() }
    }

    // MARK: What workers print

    func pass(_ lines: [[UInt8]], of id: WorkerID, _ program: String, to sink: OutputSink) {
        let fields = [
            LogFields.service: name, LogFields.generation: "\(id.generation.number)",
            LogFields.worker: "\(id.index)",
        ]
        sink.write(
            lines.map {
                OutputEntry(ofWorker: $0, mark: "[\(id)] ", program: program, fields: fields)
            })
        if sink.isBehind { catchUp(sink) }
    }

    /// Sends on what a slow reader of our own output has left, as soon as it reads again.
    private func catchUp(_ sink: OutputSink) {
        guard catchingUp.insert(ObjectIdentifier(sink)).inserted else { return }
        _ = loop.schedule(at: MonotonicClock.now() + .milliseconds(20)) { [unowned self] in
            catchingUp.remove(ObjectIdentifier(sink))
            sink.flush()
            if sink.isBehind { catchUp(sink) }
        }
    }
}

extension ServiceCore.Wait {
    init(_ wait: ControlProtocol.Wait) {
        switch wait {
        case .none: self = .none
        case .flip: self = .flip
        case .drained: self = .drained
        }
    }
}

extension Wish {
    /// Whether the answer is about a handover.
    fileprivate var isForHandover: Bool {
        switch self {
        case .upgrade, .promote, .abort, .rollback, .rollbackTo, .restart: true
        case .hold, .drain, .stop, .reexec, .changeFlow, .status, .history: false
        }
    }
}
