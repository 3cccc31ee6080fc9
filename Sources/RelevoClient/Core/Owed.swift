/// What could not be told because the channel had no room; only the newest of each counts.
struct Owed {
    var ready = false
    var sessions: UInt64?
    var drained = false

    var isNothing: Bool { !ready && sessions == nil && !drained }
}
