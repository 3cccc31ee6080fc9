import Adoption
import Kernel
import ServiceCore

/// Looks at a starting worker until it is ready, and after that until all its sockets are taken.
final class ReadinessWatch {
    /// A worker that is ready at once is seen within this time; then the looks get rarer.
    private static let firstInterval = Duration.milliseconds(2)
    private static let startingInterval = Duration.milliseconds(50)
    private static let readyInterval = Duration.seconds(1)

    private(set) var judge: ReadinessJudge
    private(set) var isReady = false
    private var observer: ReadinessObserver
    private var slots: [[Slot]]
    private let loop: EventLoop
    private let hasUnheard: () -> Bool
    private let ready: () -> Void
    private let tookMore: () -> Void
    private var interval = ReadinessWatch.firstInterval
    private var token: EventLoop.Token?
    /// How many more looks a first word is waited for.
    private var patience = 5

    /// - Parameters:
    ///   - slots: of each listener the worker's.
    ///   - hasUnheard: whether the worker has said something that was not handled: it may say more than
    ///     what is seen of it.
    ///   - ready: called once.
    ///   - tookMore: called when a socket is seen to be taken after that.
    init(
        _ judge: ReadinessJudge, of pid: Int32, slots: [[Slot]], in loop: EventLoop,
        hasUnheard: @escaping () -> Bool, ready: @escaping () -> Void,
        tookMore: @escaping () -> Void
    ) {
        self.judge = judge
        self.slots = slots
        self.loop = loop
        self.hasUnheard = hasUnheard
        self.ready = ready
        self.tookMore = tookMore
        observer = ReadinessObserver(worker: pid, sockets: slots.flatMap { $0 }.map(\.inode))
        schedule()
    }

    /// Takes in what the worker said or what a command answered, and looks at once.
    func learn(_ change: (inout ReadinessJudge) -> Void) {
        change(&judge)
        guard !isReady else { return }
        // What it says comes a moment before it waits on its sockets.
        interval = Self.firstInterval
        look()
    }

    /// Goes on with a watch that an earlier supervisor began.
    func resume(isReady: Bool, speaksNotify: Bool, saidReady: Bool) {
        self.isReady = isReady
        judge.speaksNotify = speaksNotify
        judge.saidReady = saidReady
        if !isOver { schedule() } else { stop() }
    }

    /// Goes on with other slots, a listener having come or a bank grown.
    func watch(_ slots: [[Slot]], _ listeners: [ReadinessJudge.ListenerSighting]) {
        self.slots = slots
        judge.listeners = listeners
        observer.watch(slots.flatMap { $0 }.map(\.inode))
        let now = MonotonicClock.now()
        _ = update(observer.look(at: now), at: now)
        if token == nil { schedule() }
    }

    /// The worker was given a socket in answer to bind(2).
    func noteBind(at now: Duration) {
        judge.lastBind = now
        interval = Self.firstInterval
        if !isReady { schedule() }
    }

    /// The worker has bound what is no listener's.
    func noteForeignBind(_ address: String) { judge.foreignBinds.append(address) }

    func stop() {
        if let token { loop.remove(token) }
        token = nil
    }

    private func schedule() {
        stop()
        token = loop.schedule(at: MonotonicClock.now() + interval) { [unowned self] in
            token = nil
            look()
        }
        let longest = isReady ? Self.readyInterval : Self.startingInterval
        interval = min(interval * 3 / 2, longest)
    }

    private func look() {
        let now = MonotonicClock.now()
        let tookSome = update(observer.look(at: now), at: now)
        if isReady {
            if tookSome { tookMore() }
        } else if judge.isReady(at: now), !waitsForWord() {
            isReady = true
            ready()
        }
        if !isOver { schedule() } else { stop() }
    }

    /// Whether it has begun to speak, so that what it says counts and not what is seen; one that never
    /// stops is not waited for.
    private func waitsForWord() -> Bool {
        guard !judge.speaksNotify, hasUnheard(), patience > 0 else { return false }
        patience -= 1
        return true
    }

    /// Whether nothing is left to be seen.
    private var isOver: Bool { isReady && slots.allSatisfy { $0.allSatisfy(\.isTaken) } }

    /// Notes the sightings at the slots; true if one is taken that was not before.
    private func update(_ sightings: [Sighting], at now: Duration) -> Bool {
        var rest = sightings[...]
        var tookSome = false
        for (index, offered) in slots.enumerated() {
            judge.listeners[index].blind = nil
            for (slot, sighting) in zip(offered, rest.prefix(offered.count)) {
                switch sighting {
                case .taken:
                    tookSome = tookSome || !slot.isTaken
                    slot.isTaken = true
                case .notSeen:
                    // A thread that never waits is not caught waiting.
                    guard let boundAt = slot.boundAt,
                        now - boundAt >= ReadinessJudge.quietTime, !slot.isTaken
                    else { break }
                    tookSome = true
                    slot.isTaken = true
                case .cannotObserve(let reason): judge.listeners[index].blind = reason
                }
            }
            rest = rest.dropFirst(offered.count)
            judge.listeners[index].taken = offered.count { $0.isTaken }
        }
        return tookSome
    }
}
