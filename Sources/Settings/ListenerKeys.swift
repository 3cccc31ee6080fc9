import Packs

extension ListenerDraft {
    /// Every key of [Listener], in the order it is written down.
    static let keys: [SettingsKey<ListenerDraft>] = [
        .optional("Address", \.address, read: ListenAddress.parse, write: { $0.description })
            .about(
                "udp://HOST:PORT or tcp://HOST:PORT",
                """
                HOST is an IPv4 address, an IPv6 address in brackets, or nothing for every address \
                of both families. %INTERFACE behind it, as in udp://0.0.0.0%eth0:67, is for what comes \
                to that interface alone (SO_BINDTODEVICE).
                """
            )
            .option(
                .values(
                    "address", named: "listen",
                    """
                    An address to listen on: udp://0.0.0.0:4433, udp://[::]:53, tcp://127.0.0.1:443
                    """)),
        .optional("Name", \.name, read: Identifier.descriptorName, write: { $0 })
            .about("The sockets' name in LISTEN_FDNAMES and {fd:NAME}"),
        .optional("Steering", \.steering, read: SteeringChoice.parse, write: { $0.rawValue })
            .about(
                "How new flows find a worker, for udp: auto, flow, stateless, or a protocol's name",
                """
                flow: each client stays with the process that answered it first, until it is silent \
                for IdleTimeout=; needs CAP_BPF. quic, \(protocols): so does each session of that \
                protocol, also when its client's address changes; needs CAP_BPF. custom: the same by \
                SessionRule=. stateless: nothing is remembered, every datagram goes to the newest version; \
                the default for tcp. auto: flow where that is possible, else stateless. Of \
                \(addressProtocols) the address is the session: they are steered as flow is, and \
                the status says why.
                """
            )
            .option(.choice("mode", SteeringChoice.allCases.map(\.rawValue), for: .udp)),
        .optional(
            "IdleTimeout", \.idleTimeout, read: Duration.parsePositive, write: { $0.settingsText }
        )
        .about(
            "A flow that is silent for so long has ended",
            """
            60s unless set, where sessions have ids 2min. A session is found by its id for as long again. A change \
            counts from the next reload or upgrade on, for flows that there are too, where all listeners that \
            share a table come to the same. It takes a stop where it is to be more than 16 times as long as at the \
            start, or less than a hundredth; with ids, where it is to be longer.
            """
        )
        .takesEffect(.reload)
        .option(.value("time", unset: "1min, with ids 2min", for: .udp)),
        .optional("Balance", \.balance, read: BalanceChoice.parse, write: { $0.rawValue })
            .about(
                "Which worker gets a new flow, where sessions are kept: hash or load",
                """
                hash: all workers get about as many flows. load: of two that a hash picks, the worker that had fewer \
                datagrams in the last second gets it, so that few busy flows do not come together by chance. A flow \
                stays where it is: one that is busier than a worker's share makes its worker busier.
                """
            )
            .option(
                .choice(
                    "way", BalanceChoice.allCases.map(\.rawValue), unset: "hash", for: .udp)),
        .optional(
            "UnknownIds", \.unknownIDs, read: UnknownIDsChoice.parse, write: { $0.rawValue }
        )
        .about(
            "Where a datagram of a session goes whose id was never seen: guess, copy or current",
            """
            A client may change its address and its id at once. guess: to where a session of the same \
            address is, else to the generation that has more of them; at most 1000 a second to one that \
            drains. copy: while one drains, each worker of both gets a copy of what has no session at its \
            address, and those that do not know it drop it; at most 2000 copies a second, beyond that as guess. It \
            needs CAP_NET_RAW, and versions that do not share a key for stateless resets (SharedResetKey=). \
            current: to the newest, so that no made-up id reaches an older one.
            """
        )
        .option(
            .choice(
                "rule", UnknownIDsChoice.allCases.map(\.rawValue), unset: "guess", for: .udp)),
        .optional(
            "SharedResetKey", \.sharesResetKey, read: Number.yesOrNo,
            write: { $0 ? "yes" : "no" }
        )
        .about(
            "yes: both versions have the same key for stateless resets",
            """
            Then UnknownIds=copy is refused: the answer of the process that does not know a session would end it. \
            Servers make a key of their own at each start unless they are told one, as by nginx's \
            quic_host_key or HAProxy's cluster-secret.
            """
        ),
        .number("IdLength", \.idLength, in: 1...255)
            .about(
                "How many bytes the server's ids have",
                """
                Needed for dtls-cid, and where a SessionRule= says 'set', for no datagram tells it there. No more of an id \
                counts than lies in the first \(Pack.window) bytes of a datagram, and at most \(Pack.longestID) bytes. \
                With quic it is learned from the clients unless it is set; then, \(SteeringChoice.lengthsOfQUIC.lowerBound) \
                to \(SteeringChoice.lengthsOfQUIC.upperBound), no client that lies about it is believed, and ids of \
                another length, a newer version's say, are not followed.
                """
            )
            .option(.value("n", unset: "with quic it is learned", for: .udp)),
        .number("ServerIdLength", \.serverIDLength, in: 2...8)
            .about(
                "How many bytes of QUIC-LB's plaintext form are the server's id",
                """
                For Steering=quic and servers that take an id of their own and put it into their connection ids, \
                behind the first byte (draft-ietf-quic-load-balancers, plaintext; msquic, Envoy). {serverid} in the \
                command, and RELEVO_SERVER_ID, are such an id in hexadecimal, another one for each worker \
                of each generation: by it a connection id that was never seen leads to its worker. Anybody can make up \
                such ids.
                """
            )
            .option(.value("n", unset: "ids name no server", for: .udp)),
        .list(
            "SessionRule", \.sessionRules,
            add: { (rules, text) throws(ValueError) in
                rules = try described { () throws(PackError) in try rules.adding(text) }
            },
            write: { $0.map(\.description) }
        )
        .about(
            "One form of datagrams for Steering=custom, as: continue size=32 @0=04000000 id=4+4",
            """
            The first rule that a datagram fits counts; there are at most \(Pack.mostRules). open: it may begin a \
            session. continue: it goes on with one. either: it goes on with one that is known, else begins one. \
            size=N: it has at least N bytes. @OFFSET=HEX[/MASK]: those bytes stand there. id=OFFSET+LENGTH: \
            its session's id, which the server must have chosen; LENGTH is a number, byte:OFFSET for a byte that \
            tells it, or 'set' for IdLength=. Rules see the first \(Pack.window) bytes. A datagram that fits none \
            may begin a session.
            """
        ),
        .optional(
            "SessionOrder", \.sessionOrder,
            read: { (text) throws(ValueError) in
                try described { () throws(PackError) in try Pack.Order(parsing: text) }
            }, write: { $0.rawValue }
        )
        .about(
            "What counts first for Steering=custom: tuple, the default, or id",
            """
            tuple: where the client's address had a session, which is right for ids of four bytes or fewer, \
            that two processes may both have given. id: a known id, so that many sessions may share an address.
            """
        ),
        .optional(
            "SessionPrefix", \.sessionPrefix,
            read: { (text) throws(ValueError) in
                try described { () throws(PackError) in try Pack.prefix(text) }
            }, write: { "\($0)" }
        )
        .about("How many bytes of an id count for Steering=custom, where it is not all"),
        .number("MaxFlows", \.maxFlows, in: 1...(1 << 26))
            .about(
                "Live flows that each udp listener has room for",
                """
                Each takes 32 bytes, a session with an id 64. Listeners with the same Steering=, \
                MaxFlows= and IdleTimeout= share one table for that many, so that further listeners cost next to nothing. Give a listener \
                another number to give it a table of its own.
                """
            )
            .option(.value("n", for: .udp)),
        .one(
            "ReceiveBuffer", \.receiveBuffer,
            read: { (text) throws(ValueError) in try Number.size(text, in: 1...(1 << 30)) },
            write: Number.sizeText
        )
        .about(
            "The receive buffer of each socket",
            """
            More than the sysctl net.core.rmem_max needs CAP_NET_ADMIN, else that much is taken, \
            with a warning.
            """
        )
        .option(.value("size")),
        .number("Backlog", \.backlog, in: 1...65535)
            .about("Connections that may wait to be accepted, for tcp")
            .option(.value("n", for: .tcp)),
        .number("SocketsPerWorker", \.socketsPerWorker, in: 1...256)
            .about("Sockets that a worker gets here, where it is not the service's number"),
        .optional(
            "IPv6Only", \.v6Only, read: Number.yesOrNo, write: { $0 ? "yes" : "no" }
        )
        .about("yes: an IPv6 socket leaves IPv4 alone; no: it serves both"),
        .flag("FreeBind", \.freeBind)
            .about("yes: the address need not be this machine's yet"),
        .flag("Transparent", \.transparent)
            .about(
                "yes: the address need not be this machine's at all", "Needs CAP_NET_ADMIN."),
        .flag("Adopted", \.isAdopted)
            .about(
                "yes: it was made of what a worker has bound",
                "It is lent to those alone that bind it. Set by the supervisor."),
    ]
}

extension ListenerDraft {
    /// The protocols that are described, for people.
    private static var protocols: String {
        BuiltInPack.all.map(\.name).joined(separator: ", ")
    }

    private static var addressProtocols: String {
        AddressProtocol.all.map(\.name).joined(separator: ", ")
    }

    private static func described<Value>(
        _ body: () throws(PackError) -> Value
    ) throws(ValueError) -> Value {
        do throws(PackError) {
            return try body()
        } catch {
            throw ValueError(error.description)
        }
    }
}
