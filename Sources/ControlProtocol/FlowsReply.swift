/// Who is there, as far as it was seen.
package struct FlowsReply: Codable, Equatable, Sendable {
    package var flows: [FlowRow]
    /// Live flows that are sessions, of those that were asked for.
    package var live: Int
    /// Flows of which one datagram was seen; nobody is told who sent it.
    package var unconfirmed: Int
    /// How many of the live ones were seen while somebody looked.
    package var seen: Int
    /// How often a peer was not told because there was no room.
    package var untold: Int
    /// Sessions besides the flows.
    package var outside: Int
    /// How long somebody looked.
    package var seconds: Double
    /// How long it takes until each flow that sends is seen.
    package var interval: Double
    /// What cannot be told, and why.
    package var remarks: [String]?

    package init(
        flows: [FlowRow], live: Int, unconfirmed: Int, seen: Int, untold: Int, outside: Int,
        seconds: Double, interval: Double, remarks: [String]? = nil
    ) {
        self.flows = flows
        self.live = live
        self.unconfirmed = unconfirmed
        self.seen = seen
        self.untold = untold
        self.outside = outside
        self.seconds = seconds
        self.interval = interval
        self.remarks = remarks
    }
}

/// One session.
package struct FlowRow: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// An entry of the flow table.
        case flow
        /// A TCP connection.
        case connection
        /// A UDP socket that is connected to one peer.
        case connected
        /// A UDP socket at a port of the worker's own.
        case port
    }

    package var kind: Kind
    /// nil for a socket that has none.
    package var peer: String?
    /// Where its datagrams arrive.
    package var local: String
    package var listener: String?
    package var generation: Int?
    package var worker: Int?
    /// In hexadecimal.
    package var id: String?
    /// When it was seen last, at the earliest by the interval before.
    package var seenSecondsAgo: Double?
    /// How old it is at least.
    package var ageSeconds: Double?

    package init(
        kind: Kind, peer: String?, local: String, listener: String? = nil, generation: Int? = nil,
        worker: Int? = nil, id: String? = nil, seenSecondsAgo: Double? = nil,
        ageSeconds: Double? = nil
    ) {
        self.kind = kind
        self.peer = peer
        self.local = local
        self.listener = listener
        self.generation = generation
        self.worker = worker
        self.id = id
        self.seenSecondsAgo = seenSecondsAgo
        self.ageSeconds = ageSeconds
    }
}

/// What became of a flow that was named.
package struct FlowChangeReply: Codable, Equatable, Sendable {
    package struct Change: Codable, Equatable, Sendable {
        package var peer: String
        package var local: String
        package var listener: String
        /// Whose it was.
        package var generation: Int?
        package var worker: Int?
        /// Whose it is now; nil for nobody's.
        package var to: SlotPlace?

        package init(
            peer: String, local: String, listener: String, generation: Int?, worker: Int?,
            to: SlotPlace?
        ) {
            self.peer = peer
            self.local = local
            self.listener = listener
            self.generation = generation
            self.worker = worker
            self.to = to
        }
    }

    package var changes: [Change]

    package init(changes: [Change]) { self.changes = changes }
}
