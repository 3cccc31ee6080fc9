/// The signals that the supervisor itself knows by number (signal(7), the same on every Linux).
enum Signal {
    static let hangUp: Int32 = 1
    static let interrupt: Int32 = 2
    static let abort: Int32 = 6
    static let kill: Int32 = 9
    static let terminate: Int32 = 15
}
