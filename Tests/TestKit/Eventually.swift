import Kernel

/// So often it is looked at least, however long that takes.
private let leastLooks = 5

/// Waits until something is so that the kernel announces by no event (a counter, a file of /proc);
/// false when the time is over. For what has a descriptor, wait on that.
package func eventually(
    within limit: Duration = .seconds(20), _ condition: () throws -> Bool
) throws -> Bool {
    let deadline = MonotonicClock.now() + limit
    let pause = try TimerDescriptor()
    var looks = 1
    while try !condition() {
        let now = MonotonicClock.now()
        // On a machine that is held up a single look may take all the time.
        if now >= deadline, looks >= leastLooks { return false }
        looks += 1
        try pause.set(to: now + .milliseconds(2))
        _ = try pause.wait(for: .readable, within: .seconds(1))
        try pause.acknowledge()
    }
    return true
}
