/// How the keeper ends workers whose service has ended without it.
package struct StopRule: Hashable, Sendable {
    /// Sent first.
    package var signal: Int32
    /// After that KILL.
    package var timeout: Duration

    package init(signal: Int32, timeout: Duration) {
        self.signal = signal
        self.timeout = timeout
    }
}
