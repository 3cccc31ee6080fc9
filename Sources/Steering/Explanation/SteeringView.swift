/// What a decision reads of a listener's steering; looking changes nothing.
protocol SteeringView {
    var ticks: Ticks { get }
    var now: TableTime { get }
    /// Of the hash of all keys.
    var key: (UInt64, UInt64) { get }
    var member: Int { get }
    /// Whether a stay has a second number, for what a drain does not count.
    var hasAliases: Bool { get }
    /// The entry of a hash, live or not, where the program looks first.
    func entry(of hash: UInt64) -> FlowEntry?
    /// nil where a placement is closed.
    func slot(of placement: Int) -> Int?
    func hasSocket(_ slot: Int) -> Bool
    /// Where new flows go, in order.
    var current: [Int] { get }
    var canary: ViewedCanary? { get }
    /// nil where sessions have no ids.
    var ids: ViewedIds? { get }
    func isDraining(_ placement: Int) -> Bool
    /// The placements that an unknown datagram would be copied to.
    var copiedTo: [Int] { get }
    /// How busy a slot is; nil where new flows are placed by their hash.
    func load(of slot: Int) -> UInt32?
    /// The key of the tags in the ids that a slot's worker makes; nil where it makes none.
    func seal(of slot: Int) -> (UInt64, UInt64)?
}

/// Some of the clients, and where their new flows go.
struct ViewedCanary {
    let placements: [Int]
    /// Their share of 2^32.
    let part: UInt64
    let networks: [SteeringNetwork]
    let key: UInt64
}

/// What the program knows of ids beside their entries.
struct ViewedIds {
    let lengths: IdLengths
    /// Bits of an id's time that are a mark of its port.
    let mark: UInt64
    /// When an id's time is written again, in coarse ticks.
    let refresh: UInt32
    /// How long the ids of servers are in the ids that they make; 0 where there are none.
    let serverLength: Int
    let guessable: [Int]
    let budget: Int
    /// Who has unknown datagrams copied, by its place among the sockets, and how many more it takes.
    let copier: (place: Int, left: Int)?
}
