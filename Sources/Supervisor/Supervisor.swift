import Adoption
import ControlProtocol
import HandoverCore
import Keeper
import Kernel
import Logging
package import Settings
import Systemd

/// One service's supervisor: the shell around the machine that knows the rules.
///
/// Everything happens on one thread, in the event loop. What comes in becomes an event for the
/// machine; what it answers with is brought about by `Supervisor+Effects`.
package final class Supervisor {
    /// With the listeners that were adopted.
    package internal(set) var settings: ServiceSettings
    let log: Logger
    let loop: EventLoop
    let runtime: RuntimeDirectory
    /// Their places never change; adopted ones come last.
    var listeners: [Listener]
    let events = EventHub()
    let manager: ServiceManager
    var control: ControlEndpoint?
    /// nil where nobody may join.
    var joining: JoinEndpoint?
    /// Counts those that have joined, to tell apart what has no name.
    var lastJoiner = 0
    var machine: Machine
    var banks: [GenerationID: Bank] = [:]
    var workers: [WorkerID: Worker] = [:]
    /// Workers that the keeper has been asked for.
    var starting: [WorkerID: StartingWorker] = [:]
    /// Workers that were given up before a keeper that has died could tell whether they run.
    var strayNames: Set<String> = []
    /// What workers have stored for their successors.
    var stored = DescriptorStore()
    /// Parent of the workers; another one when that has died.
    var keeper: KeeperLink
    /// What the workers of a generation printed last, kept for the report of its failure.
    var lastLines: [GenerationID: LastLines] = [:]
    /// What held up a generation that failed, in the words of its workers' readiness.
    var explanations: [GenerationID: String] = [:]
    /// When each handover began, by the generation that it starts.
    var handoversBegan: [GenerationID: Instant] = [:]
    var requests = PendingRequests()
    var queueWatches: [GenerationID: EventLoop.Token] = [:]
    /// The flows left of each generation as counted last.
    var flows: [GenerationID: FlowCount] = [:]
    /// Own outputs whose reader is slow.
    var catchingUp: Set<ObjectIdentifier> = []
    /// Who has sockets open, as seen a moment ago.
    var holders = HolderCensus()
    /// As whom the workers run; nil for the supervisor's own user.
    let identity: ProcessIdentity?
    private(set) var end: ServiceEnd?
    /// What SIGHUP reads again.
    var origin: SettingsOrigin?
    /// Whether this process ends and the service does not.
    var leaves = false
    /// Whether the service ends with the whole system.
    var isShuttingDown = false
    /// Settings of a predecessor, while ours have not taken effect yet.
    var unfollowed: ServiceSettings?
    /// Whether the service manager lets the keeper know when the service ends for good.
    var holdsLifeLine: Bool
    /// The service manager's, where it keeps descriptors for us.
    var store: FDStore?
    /// Whether a bank could not be made for want of a privilege.
    var lacksPrivilege = false
    /// Events that the machine has not been handed yet.
    var waiting: [Event] = []
    /// Effects that are not known to be brought about.
    var pending: [Effect] = []
    /// A server that ran before, until its worker is asked for.
    var running: RunningServer?
    /// What the server of a run binds that only finds out.
    var foundBinds: [String] = []
    let vault: Vault
    /// nil where it could not be had: then a crash may hold a worker up.
    var callInHand: CallInHand?
    /// This program, as long as it is where it was started from; what `reexec` goes on with.
    let executable: String
    /// The program that is asked whether it can go on with that.
    var successor: ProgramQuestion?
    var reexecAskers: [ReexecAsker] = []
    var recordFile: RecordFile
    /// What is written there.
    var lastRecord: Record?
    private var isTurning = false
    /// Goes on with a turn that became too long.
    private var nextTurn: EventLoop.Token?
    private var tick: EventLoop.Token?

    /// Makes ready to run: nothing is bound or started yet, or all of it is a predecessor's.
    init(
        _ settings: ServiceSettings, machine: Machine, listeners: [Listener],
        recordFile: consuming RecordFile, _ surroundings: Surroundings
    ) throws(SupervisorError) {
        self.settings = settings
        self.machine = machine
        self.listeners = listeners
        self.recordFile = recordFile
        runtime = surroundings.runtime
        log = surroundings.log
        loop = surroundings.loop
        vault = surroundings.vault
        keeper = surroundings.keeper
        manager = ServiceManager(in: surroundings.loop)
        executable = surroundings.executable
        holdsLifeLine = surroundings.holdsLifeLine
        identity = try settings.workerIdentity()
        vault.failed = { [log] name, error in
            log.critical("\(name) would not survive a crash of the supervisor: \(error)")
        }
    }

    /// Now, on the clock by which the machine counts.
    static var now: Instant { Instant(sinceStart: MonotonicClock.sinceBoot()) }

    /// Hands an event to the machine and brings about what it answers.
    ///
    /// Events that come up meanwhile are handed in after the last effect of the turn.
    func submit(_ event: Event) {
        waiting.append(event)
        turn()
    }

    /// For so long at most the loop waits for a turn: then others are heard before it goes on.
    private static let longestTurn = Duration.milliseconds(100)

    /// Brings about what is pending and hands in what waits until nothing is left.
    ///
    /// What is to be done is in the record before it is begun: a successor does it again.
    func turn() {
        guard !isTurning else { return }
        isTurning = true
        let end = MonotonicClock.now() + Self.longestTurn
        var isRecorded = true
        repeat {
            while let effect = pending.first {
                log.trace("effect \(effect)")
                perform(effect)
                pending.removeFirst()
                if effect.repetition == .noticed, isRecorded { saveRecord() }
            }
            guard !waiting.isEmpty, MonotonicClock.now() < end else { break }
            let next = waiting.removeFirst()
            log.trace("event \(next)")
            let wasStopping = isStopping
            pending = machine.handle(next, at: Self.now)
            if isStopping, !wasStopping {
                events.send(ServiceEvent(time: Self.timestamp, kind: .stopping))
            }
            isRecorded = !pending.allSatisfy(\.mayBeLost)
            if isRecorded { saveRecord() }
        } while true
        isTurning = false
        saveRecord()
        if !waiting.isEmpty, nextTurn == nil {
            nextTurn = loop.schedule(at: MonotonicClock.now()) { [unowned self] in
                nextTurn = nil
                turn()
            }
        }
        scheduleTick()
        tellManager()
    }

    /// Tells the service manager where the service stands.
    private func tellManager() {
        manager.say(status: statusLine)
        guard isStopping else { return }
        manager.sayStopping()
        if !isShuttingDown { manager.askForTime() }
    }

    private var isStopping: Bool {
        switch machine.service {
        case .stopping: true
        case .idle, .running, .ended: false
        }
    }

    /// Ends the loop; the reason decides the exit code.
    func finish(_ end: ServiceEnd) {
        self.end = end
        loop.stop()
    }

    private func scheduleTick() {
        if let tick { loop.remove(tick) }
        tick = machine.nextDeadline.map { deadline in
            let wait = max(.zero, deadline - Self.now)
            return loop.schedule(at: MonotonicClock.now() + wait) { [unowned self] in
                tick = nil
                submit(.tick)
            }
        }
    }
}
