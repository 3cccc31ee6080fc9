import HandoverCore

/// What a server may do that it should not.
enum Habit: CaseIterable, Sendable {
    case neverReady, crashes, ignoresStop, hangs, shutsDown, lies, floods, leavesOrphans

    static func some(_ random: inout SeededRandom) -> Set<Habit> {
        Set(allCases.filter { _ in random.oneIn(3) })
    }
}

/// How a version of the server behaves.
struct Behaviour {
    /// From the start to the moment in which it waits on its sockets; nil is never.
    var takesAfter: Int? = 3_000
    /// Whether it says READY=1 over sd_notify, and that after it has taken its sockets.
    var speaksNotify = false
    /// Whether it speaks the worker channel.
    var speaksChannel = false
    /// Whether it binds its address itself.
    var binds = false
    /// Whether it closes its socket and binds it again while it serves.
    var bindsAgain = false
    /// Whether it stores descriptors for its successors.
    var stores = false
    /// How long each of its processes lives; nil is for ever.
    var crashesAfter: Int?
    /// Whether the stop signal ends it.
    var heedsStop = true
    var stopsWithin = 5_000
    /// When it stops to read, though it lives on.
    var hangsAfter: Int?
    /// Whether it takes its sockets out of use when it ends (shutdown(2)).
    var shutsDown = false
    /// Whether it says what is not so.
    var lies = false
    /// Whether it says much at once.
    var floods = false
    /// Whether a process of it stays that holds its sockets.
    var leavesOrphans = false
    /// Whether that reads them.
    var orphansRead = false
    /// Whether it has sessions that do not pass its slots.
    var hasOutside = false

    init() {}

    /// A version's, the same in each run of a seed.
    init(version: Int, _ seed: UInt64, _ habits: Set<Habit>) {
        guard version > 0 else { return }
        var random = SeededRandom(seed: seed &* 31 &+ UInt64(version))
        takesAfter = 200 + random.below(20_000)
        speaksNotify = random.oneIn(3)
        speaksChannel = random.oneIn(3)
        binds = random.oneIn(5)
        bindsAgain = binds && random.oneIn(2)
        stores = random.oneIn(3)
        stopsWithin = 100 + random.below(30_000)
        // Each die is cast, so that those that are left out change nothing else.
        let crash = 100 + random.below(3_000_000)
        let hang = 1_000 + random.below(5_000_000)
        func has(_ habit: Habit, _ times: Int, _ random: inout SeededRandom) -> Bool {
            random.oneIn(times) && habits.contains(habit)
        }
        if has(.neverReady, 4, &random) { takesAfter = nil }
        if has(.crashes, 3, &random) { crashesAfter = crash }
        if has(.hangs, 5, &random) { hangsAfter = hang }
        heedsStop = !has(.ignoresStop, 4, &random)
        shutsDown = has(.shutsDown, 5, &random)
        lies = has(.lies, 3, &random)
        floods = has(.floods, 4, &random)
        leavesOrphans = has(.leavesOrphans, 4, &random)
        orphansRead = random.oneIn(2)
        hasOutside = !random.oneIn(3)
    }

    /// Whether each datagram that reaches it is answered in the end.
    var isSound: Bool {
        takesAfter != nil && hangsAfter == nil && heedsStop && !shutsDown && !leavesOrphans
            && !lies
    }
}
