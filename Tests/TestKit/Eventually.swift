import Kernel

/// Waits until something is so that the kernel announces by no event (a counter, a file of /proc);
/// false when the time is over. For what has a descriptor, wait on that.
package func eventually(
    within limit: Duration = .seconds(20), _ condition: () throws -> Bool
) throws -> Bool {
    let deadline = MonotonicClock.now() + limit
    let pause = try TimerDescriptor()
    while try !condition() {
        let now = MonotonicClock.now()
        if now >= deadline { return false }
        try pause.set(to: now + .milliseconds(2))
        _ = try pause.wait(for: .readable, within: .seconds(1))
        try pause.acknowledge()
    }
    return true
}
