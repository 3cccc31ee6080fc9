package import Packs

/// One address that the supervisor binds, and how its datagrams are spread.
package struct ListenerSettings: Equatable, Sendable {
    package var address: ListenAddress
    /// The name in LISTEN_FDNAMES and `{fd:NAME}`; nil where the user gave none.
    package var name: String?
    /// Follows the transport where nothing was said: flow for udp, stateless for tcp.
    package var steering: SteeringChoice
    /// A flow unseen that long has ended.
    package var idleTimeout: Duration
    /// Which worker gets a new flow.
    package var balance = BalanceChoice.hash
    /// Where datagrams go whose session nobody knows; for steering by ids.
    package var unknownIDs = UnknownIDsChoice.guess
    /// Whether both versions have the same key for stateless resets.
    package var sharesResetKey = false
    /// What counts when a live 4-tuple and a known id disagree; for `custom`.
    package var sessionOrder = Pack.Order.tuple
    /// How datagrams tell their session; for `custom`.
    package var sessionRules: [PackRule] = []
    /// How many bytes of an id count; nil for all.
    package var sessionPrefix: Int?
    /// How long ids are where no datagram tells it.
    package var idLength: Int?
    /// How many bytes the server's id has in the ids that it makes; nil where it has none.
    package var serverIDLength: Int?
    /// How many live flows fit without loss.
    package var maxFlows = 1_048_576
    /// Bytes asked for each socket.
    package var receiveBuffer = 8 * 1024 * 1024
    /// Connections waiting to be accepted; tcp only.
    package var backlog = 4096

    /// Sockets that each worker gets here; nil for the service's number.
    package var socketsPerWorker: Int?
    /// Whether an IPv6 socket leaves IPv4 alone; nil for as the address is written.
    package var v6Only: Bool?
    /// Whether the address need not be there yet (IP_FREEBIND).
    package var freeBind = false
    /// Whether the address may be another machine's (IP_TRANSPARENT).
    package var transparent = false
    /// Whether it was made of what a worker has bound.
    package var isAdopted = false

    /// A listener with the defaults of its transport.
    package init(address: ListenAddress) {
        self.address = address
        steering = address.transport.defaultSteering
        idleTimeout = steering.idleTimeout
    }

    /// How sessions are told, where ids are described; nil else.
    package var pack: Pack? {
        let pack: Pack?
        switch steering {
        case .auto, .flow, .quic, .address, .stateless: pack = nil
        case .pack(let name): pack = BuiltInPack.named(name)?.pack
        case .custom:
            pack = Pack(order: sessionOrder, rules: sessionRules, prefix: sessionPrefix)
        }
        return idLength.flatMap { pack?.with(idLength: $0) } ?? pack
    }
}
