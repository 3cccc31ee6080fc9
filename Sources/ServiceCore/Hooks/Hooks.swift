import Settings

/// The hooks that run or wait, one after the other, so that each is told of things in their order.
///
/// They are in no record. One that runs or waits when this supervisor ends is not run by the next one: what has
/// happened is told at most once.
package struct Hooks: Sendable {
    /// More than these do not wait: a handover has four occasions.
    package static let mostWaiting = 64

    package private(set) var running: HookRun?
    package private(set) var waiting: [HookRun] = []
    private var last = 0

    /// Has a hook wait for its turn.
    ///
    /// - Returns: what it would have run, where too many wait and it is left out.
    mutating func add(
        _ hook: Hook, _ facts: [String: String], for limit: Duration
    ) -> HookRun? {
        last += 1
        let run = HookRun(number: last, hook: hook, facts: facts, limit: limit)
        guard waiting.count < Self.mostWaiting else { return run }
        waiting.append(run)
        return nil
    }

    /// The next one, where none runs.
    mutating func begin() -> HookRun? {
        guard running == nil, !waiting.isEmpty else { return nil }
        let next = waiting.removeFirst()
        running = next
        return next
    }

    /// The one that has ended; nil where that number does not run.
    mutating func end(_ number: Int) -> HookRun? {
        guard let run = running, run.number == number else { return nil }
        running = nil
        return run
    }
}
