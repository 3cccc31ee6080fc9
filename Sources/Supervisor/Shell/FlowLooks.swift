import ControlProtocol
import Kernel
import Steering

/// The owner of the looks at who has flows.
///
/// The programs tell of peers only while there is a look, and each look keeps the rows that it will show and no
/// others: so memory does not grow with the flows, and who dies, or goes away, has nothing to be undone. What was
/// told is taken in pieces, a few milliseconds apart, for all looks at once.
final class FlowLooks {
    /// Where the flows of a stay are.
    struct Place {
        let listener: Int
        let slot: Int
        let generation: Int?
        let worker: Int?
        /// The less, the older its flows may be.
        let rank: Int
    }

    /// One who looks.
    struct Look {
        let question: FlowsQuestion
        let began: Duration
        let until: Duration
        /// How many were not told, by listener, when it began.
        let untold: [Int: Int]
        var page: PeerPage
        var nextCheck: Duration
        let isOver: (Look) -> Bool
        let answer: (Look) -> Void

        func wants(_ place: Place) -> Bool {
            (question.generation ?? place.generation) == place.generation
                && (question.worker ?? place.worker) == place.worker
        }
    }

    /// More at a time would take too much of the loop.
    static let most = 8
    private static let pause = Duration.milliseconds(5)
    private static let batch = 4096
    private static let renewal = Duration.milliseconds(500)

    private let loop: EventLoop
    private var looks: [Look] = []
    private var timer: EventLoop.Token?
    private var renewAt = Duration.zero
    private var places: [PeerStay: Place] = [:]
    /// One steering for each table.
    private var tables: [Steering] = []
    /// The steering of each listener that tells.
    var steerings: () -> [Steering] = { [] }
    var findPlaces: () -> [PeerStay: Place] = { [:] }
    var warned: (String) -> Void = { _ in }

    init(in loop: EventLoop) { self.loop = loop }

    deinit { if let timer { loop.remove(timer) } }

    var isFull: Bool { looks.count >= Self.most }

    /// Begins a look.
    ///
    /// - Parameters:
    ///   - time: the least and the most.
    ///   - isOver: asked now and then, once the least time has passed, whether all there is was seen.
    ///   - answer: called once, with all that was seen.
    func begin(
        _ question: FlowsQuestion, for time: ClosedRange<Duration>, untold: [Int: Int],
        isOver: @escaping (Look) -> Bool, answer: @escaping (Look) -> Void
    ) {
        let now = MonotonicClock.now()
        looks.append(
            Look(
                question: question, began: now, until: now + time.upperBound, untold: untold,
                page: PeerPage(
                    question.sort == .age ? .age : .seen, limit: question.limit ?? 20),
                nextCheck: now + max(time.lowerBound, .milliseconds(50)), isOver: isOver,
                answer: answer))
        renewAt = now
        if timer == nil { turn() }
    }

    private func turn() {
        timer = nil
        let now = MonotonicClock.now()
        if now >= renewAt { renew(now) }
        var isBehind = false
        for table in tables where take(from: table) == Self.batch { isBehind = true }
        finish(now)
        guard !looks.isEmpty else {
            for table in tables { table.endLook() }
            (tables, places) = ([], [:])
            return
        }
        timer = loop.schedule(at: isBehind ? now : now + Self.pause) { [unowned self] in turn() }
    }

    /// Has the programs go on telling; places may have changed by a flip.
    private func renew(_ now: Duration) {
        renewAt = now + Self.renewal
        places = findPlaces()
        var seen: Set<SteeringTable> = []
        tables = steerings().filter { $0.table.map { seen.insert($0).inserted } ?? false }
        for table in tables {
            do throws(SteeringError) {
                try table.look()
            } catch {
                warned("who has flows cannot be told: \(error)")
            }
        }
    }

    private func take(from table: Steering) -> Int {
        table.takePeers(atMost: Self.batch) { peer in
            guard let place = places[peer.stay] else { return }
            for index in looks.indices where looks[index].wants(place) {
                looks[index].page.note(peer, rank: place.rank)
            }
        }
    }

    private func finish(_ now: Duration) {
        for index in looks.indices.reversed() {
            var isOver = now >= looks[index].until
            if !isOver, now >= looks[index].nextCheck {
                isOver = looks[index].isOver(looks[index])
                // A look at the table takes milliseconds where there are many.
                let cost = MonotonicClock.now() - now
                looks[index].nextCheck = now + max(.milliseconds(50), cost * 20)
            }
            guard isOver else { continue }
            let look = looks.remove(at: index)
            look.answer(look)
        }
    }

    /// Where the flow of one that was told of is.
    func place(of peer: ToldPeer) -> Place? { places[peer.stay] }
}
