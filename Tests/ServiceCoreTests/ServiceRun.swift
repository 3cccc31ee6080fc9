import HandoverCore
import Settings

@testable import ServiceCore

/// A service that is driven by hand: what it asks for is collected, what it writes down is kept.
struct ServiceRun {
    var service: Service
    private var recorder = Recorder()
    private(set) var record: [PartKey: RecordPart] = [:]
    private(set) var verbs: [Verb] = []
    var now = Instant(sinceStart: .seconds(10))
    private var lastInode: UInt64 = 100
    /// What the commands of generations lead to.
    var programs: [GenerationID: Program] = [:]

    static var settings: ServiceSettings {
        var settings = ServiceSettings()
        settings.name = "test"
        settings.command = ["/bin/server"]
        settings.workers = 2
        return settings
    }

    init(_ settings: ServiceSettings = ServiceRun.settings) {
        let place = SocketPlace(
            .ipv4(0x7F00_0001, port: 53), v6Only: false, isStream: false,
            text: "udp://127.0.0.1:53")
        service = Service(
            settings, listeners: [ListenerShape(address: place.text, place: place)],
            policy: Policy())
    }

    /// Hands an input in.
    mutating func take(_ input: Input) {
        now = now + .milliseconds(1)
        verbs += service.handle(input, at: now)
        for case .duty(let duty) in verbs { service.isDone(duty) }
        for (key, part) in recorder.changes(&service) { record[key] = part }
    }

    /// The time of day, in milliseconds.
    static let time: UInt64 = 1_700_000_000_000

    /// Says when handovers began.
    mutating func answerStamps() {
        for case .stamp(let id) in verbs { take(.stamped(id, at: Self.time)) }
    }

    /// What was told to be looked at, once.
    mutating func takeWarnings() -> [String] {
        let texts = verbs.compactMap { verb -> String? in
            if case .announce(.warning(let text, _)) = verb { text } else { nil }
        }
        verbs = []
        return texts
    }

    /// Answers every bind that was asked for.
    mutating func bindAll() {
        let asked = verbs
        verbs = []
        for case .identify(let generation) in asked {
            take(.identified(generation, programs[generation], at: 1_700_000_000))
        }
        for case .bind(let slot) in asked {
            lastInode += 1
            take(.slotBound(slot, BoundSocket(inode: lastInode)))
        }
    }

    /// Brings the first generation to serve.
    mutating func serve() {
        take(.start)
        getReady(1)
        answerStamps()
        verbs = []
    }

    /// Has the two workers of a generation start and get ready.
    mutating func getReady(_ generation: Int) {
        bindAll()
        for index in 0..<2 {
            let id = WorkerID(GenerationID(generation), index)
            let pid = Int32(generation * 1000 + index)
            take(.workerSpawned(id, pid: pid, answersBinds: true))
            now = now + .milliseconds(5)
            take(.tick)
            let seen = service.banks.slots(of: id).flatMap { $0 }
            take(
                .workerSeen(
                    id, pid: pid,
                    WorkerSight(
                        sightings: Dictionary(uniqueKeysWithValues: seen.map { ($0.id, .taken) }))))
        }
    }
}
