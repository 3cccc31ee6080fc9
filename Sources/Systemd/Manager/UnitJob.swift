/// What the service manager is about to do with a unit.
package enum UnitJob: Equatable, Sendable {
    /// Nothing: what happens, happens by itself.
    case none
    case start
    /// It ends for good.
    case stop
    /// It ends to be started again.
    case restart
    case reload
    /// Something else, by systemd's name for it.
    case other(String)

    /// By systemd's name of the job's type; while it stops, a restart is called so still.
    init(type: String) {
        switch type {
        case "start": self = .start
        case "stop": self = .stop
        case "restart", "try-restart": self = .restart
        case "reload", "try-reload", "reload-or-start": self = .reload
        default: self = .other(type)
        }
    }
}
