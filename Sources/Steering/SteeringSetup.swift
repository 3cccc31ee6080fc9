package import Packs

/// The rule that picks the slot for a datagram.
package enum SteeringMode: String, Codable, Sendable, Hashable, CaseIterable {
    /// A flow keeps the slot that its first datagram was given.
    case flow
    /// A session keeps its slot by its QUIC connection id, also when its client's address changes.
    case quic
    /// The same by the ids of a protocol that the setup describes.
    case pack
    /// Nothing is remembered: every datagram after a flip goes to the new bank.
    case stateless

    /// Whether flows stay with their slot over a flip.
    package var remembersFlows: Bool { self != .stateless }

    /// Whether sessions have an id of their own beside their 4-tuple.
    package var hasIDs: Bool { self == .quic || self == .pack }
}

/// Where a datagram goes that belongs to a session of nobody known: one that goes on, with an id that was
/// never seen, from an address without a session.
package enum UnknownIDs: String, Codable, Sendable, Hashable, CaseIterable {
    /// To where a session of the same address went, else to the generation with more sessions; to one that
    /// drains within a budget.
    case guess
    /// To where a session of the same address went, else a copy to each worker that may know it; as with
    /// `guess` beyond what may be copied.
    case copy
    /// To the current generation.
    case current

    /// How many of them may go to a generation that drains, a second.
    var budget: Int {
        switch self {
        case .guess, .copy: 1000
        case .current: 0
        }
    }
}

extension UnknownIDs {
    /// How many copies may be made, a second.
    static let mostCopies = 2000
}

/// Which worker of the current generation gets a new flow.
package enum Balance: String, Codable, Sendable, Hashable, CaseIterable {
    /// The hash of its 4-tuple says.
    case hash
    /// Of two that hashes say the one that had fewer datagrams in the last second.
    case load
}

/// The transport of a listener, which decides how its reuseport group is formed.
package enum SteeringTransport: String, Codable, Sendable, Hashable, CaseIterable {
    case udp
    case tcp
}

/// What one listener wants of its steering.
package struct SteeringSetup: Codable, Sendable, Equatable {
    /// Where the program of the steering may run.
    package enum Machine: String, Codable, Sendable, Equatable {
        /// eBPF where it loads; else classic BPF, if the mode can do with it.
        case best
        /// Classic BPF alone, which needs no privilege and remembers nothing.
        case classic
    }

    package var mode: SteeringMode
    package var transport: SteeringTransport
    /// As many live flows fit without the loss of one.
    package var maxFlows: Int
    /// A flow unseen that long has ended.
    package var idleTimeout: Duration
    /// Slots are numbered from 0 up to this, 512 at most.
    package var slotCapacity: Int
    package var machine: Machine
    /// nil for `guess`, where sessions have ids.
    package var unknownIDs: UnknownIDs?
    /// The length of ids in the mode `quic`, where it is not to be learned.
    package var idLength: Int?
    /// How many bytes behind the first one are the id of the server in the ids that it makes, in the mode `quic`: 2
    /// to 8. nil where none are.
    package var serverIDLength: Int?
    /// How sessions are told, in the mode `pack`; ids whose length it does not know are none.
    package var pack: Pack?
    /// nil for `hash`. Where nothing is remembered there is nothing to place.
    package var balance: Balance?
    /// What people call it, where that is not the mode's name.
    package var name: String?
    /// What people are to know of it besides.
    package var remark: String?

    package init(
        mode: SteeringMode, transport: SteeringTransport, maxFlows: Int = 1_048_576,
        idleTimeout: Duration = .seconds(60), slotCapacity: Int = 512, machine: Machine = .best,
        unknownIDs: UnknownIDs? = nil, idLength: Int? = nil,
        pack: Pack? = nil, balance: Balance? = nil
    ) {
        self.mode = mode
        self.transport = transport
        self.maxFlows = maxFlows
        self.idleTimeout = idleTimeout
        self.slotCapacity = slotCapacity
        self.machine = machine
        self.unknownIDs = unknownIDs
        self.idLength = idLength
        self.pack = pack
        self.balance = balance
    }

    /// What was asked for, for people.
    package var shownName: String { name ?? mode.rawValue }

    /// What the program does about load.
    var placesBy: Balance { mode.remembersFlows ? balance ?? .hash : .hash }

    /// What steers, for people.
    var title: String { mode == .pack ? "steering by ids" : "\(mode) steering" }

    /// How many places the map of sockets has: behind the slots' is that of the copier.
    var socketPlaces: Int { mode.hasIDs ? slotCapacity + 1 : slotCapacity }

    /// How large a table is that has room for `maxFlows`.
    var tableShape: TableShape { TableShape(maxFlows: maxFlows, hasIDs: mode.hasIDs) }
}
