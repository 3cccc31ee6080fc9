import Kernel

/// What a run sends, and what it takes as right.
struct LoadPlan {
    var target: SocketAddress
    var flows: Int
    /// Datagrams a second.
    var rate: Double
    /// New flows a second, each in the place of an old one, which ends.
    var openRate: Double = 0
    /// Bytes of a datagram.
    var size: Int = 64
    /// How long an answer may take.
    var timeout: Duration = .seconds(5)
    /// Unanswered datagrams at any moment; sending waits rather than go beyond.
    var window: Int?
    /// The server keeps no state: only loss and age are judged.
    var stateless = false
    /// Questions to a DNS server instead of our own datagrams.
    var dns: DNSQuery?
    /// Datagrams that are not ours, as from made-up sources: nothing is judged.
    var junk = false
    /// The server does not answer: nothing is judged.
    var unanswered = false
    /// How many source sockets to share among flows, where the target allows that.
    var sources: Int = 128
}
