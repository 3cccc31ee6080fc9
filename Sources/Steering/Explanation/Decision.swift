/// What the steering would do with a datagram, and why.
package struct Decision: Sendable, Equatable {
    /// What tells where it goes, in the words of the counters.
    package enum Rule: String, Sendable, CaseIterable {
        /// A known id of a session.
        case id
        /// An id that was not seen, and tells its worker itself.
        case owner
        /// The handshake that it is part of.
        case handshake
        /// The 4-tuple.
        case tuple
        /// It begins a session, or a flow, which is the current generation's.
        case opens
        /// It begins one on a 4-tuple whose sessions are a generation's that drains.
        case beside
        /// A session of the same address was there last.
        case hint
        /// Nothing tells: each of the candidates gets a copy.
        case copied
        /// The generation that drains has more sessions.
        case guess
        /// Nothing tells: the current generation.
        case unknown
        /// Nothing is remembered: one of the current slots, by the kernel's hash.
        case stateless
        /// No slot of the choice has a socket: the kernel takes any.
        case passed
    }

    /// One thing that was looked for, in the order of the program.
    package struct Step: Sendable, Equatable {
        package enum Key: Sendable, Equatable {
            case id([UInt8])
            /// An id that the workers' library has made, which names a stay and has a tag over it.
            case seal([UInt8])
            /// The first eight bytes of an id, or the id of its server, by which some servers tell their worker.
            case owner([UInt8])
            case handshake
            case tuple
            /// The client's address, of IPv6 its /64.
            case address
            /// The generation that drains and has more sessions.
            case guess
        }

        package enum Outcome: String, Sendable {
            case found
            case absent
            /// Its entry is older than the table honours.
            case expired
            /// Its slot was given up.
            case closed
            /// Its slot has no socket.
            case noSocket
            /// It leads to a generation that drains, for which this second's budget is used up.
            case noBudget
        }

        package let key: Key
        package let outcome: Outcome
        package let entry: Entry?
    }

    /// What the table has of one key.
    package struct Entry: Sendable, Equatable {
        /// Where it leads; nil where that was given up.
        package let slot: Int?
        package let isConfirmed: Bool
        /// Since it was last written that it was seen; with ids, less precise.
        package let age: Duration
        /// Until it is forgotten, if nothing comes.
        package let left: Duration
        /// Whether a drain counts it.
        package let counts: Bool
    }

    package var rule: Rule
    /// nil where the kernel picks one.
    package var slot: Int?
    /// Where it may go, in the mode that leaves that to the kernel; where its copies go.
    package var candidates: [Int] = []
    /// Whether the client is one of a canary's share.
    package var isCanarys = false
    /// What the program reads the datagram as, for people.
    package var form = ""
    package var steps: [Step] = []
    /// What it adds to the counters, where there is room for all that it has remembered.
    package var counts = SteeringCounters()
    /// The bytes that were given end before what the program reads.
    package var lacksBytes = false
}
