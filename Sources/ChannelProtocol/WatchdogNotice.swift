/// What a worker tells its watchdog.
package enum WatchdogNotice: Equatable, Sendable {
    /// It is alive.
    case alive
    /// It has found itself broken and wants to be treated as if the watchdog had run out.
    case trigger
}
