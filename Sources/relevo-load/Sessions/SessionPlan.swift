import Kernel

/// What a load of sessions does.
struct SessionPlan {
    var target: SocketAddress
    var form: SessionProtocol
    var sessions: Int
    /// Datagrams a second, of all together.
    var rate: Double
    /// How often each session's client does so; nil for never.
    var rebind: Duration?
    var rotate: Duration?
    var migrate: Duration?
    /// New sessions a second, each in the place of an old one, which ends.
    var openRate: Double = 0
    /// How long an answer may take.
    var timeout: Duration = .seconds(5)
}
