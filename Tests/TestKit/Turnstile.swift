import Foundation

/// Lets so many tests run whole services at once, so that none waits for the processor longer than
/// its limits allow.
actor Turnstile {
    /// For tests in a network of their own: a service and its load keep one processor busy.
    static let networks = Turnstile(width: max(2, ProcessInfo.processInfo.activeProcessorCount))

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(width: Int) { free = width }

    /// Waits for a turn; `leave` gives it back.
    func enter() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Lets the next one in.
    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
