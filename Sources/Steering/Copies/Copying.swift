import Kernel

/// What a listener's program may hand over to be copied, and to whom the copies go.
struct Copying {
    /// Of the copier's socket in the map of sockets.
    let place: Int
    private(set) var candidates: Set<Int> = []
    /// Sessions that go on of which only copies tell. Whose they are nobody knows.
    var sessions = 0
    private var allowedAgain = Duration.zero

    init(place: Int) { self.place = place }

    /// A flip is at hand.
    mutating func begin(_ candidates: Set<Int>, _ ids: IdState) { goOn(candidates, ids) }

    /// Has the program hand over as much as a second is given, once in a second; nothing while there is nobody
    /// to choose between.
    mutating func goOn(_ candidates: Set<Int>, _ ids: IdState) {
        self.candidates = candidates
        guard !candidates.isEmpty else {
            if ids.copier != nil { ids.copier = nil }
            return
        }
        let now = MonotonicClock.now()
        if now < allowedAgain {
            // What is left of this second, also where it was over for a moment.
            if ids.copier == nil { ids.copier = (place, 0) }
            return
        }
        ids.copier = (place, max(1, UnknownIDs.mostCopies / candidates.count))
        allowedAgain = now + .milliseconds(950)
    }
}
