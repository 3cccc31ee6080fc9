import ArgumentParser
import Kernel

/// `relevo-load serve`.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "An echo server that keeps state for each flow.",
        discussion: """
            Every answer tells the server's generation and process and how many datagrams of the \
            flow it has seen, so that 'send' can prove who answered and whether the state \
            survived. Sockets come from the supervisor (LISTEN_FDS) or from --listen. On SIGTERM \
            it answers what is queued and ends with exit code 0.
            """)

    @Option(
        name: .customLong("listen"),
        help: ArgumentHelp(
            "An address to bind if no socket is inherited; may be repeated.",
            valueName: "address"))
    var addresses: [AddressOption] = []

    @Flag(help: "Bind --listen though sockets are inherited, as a program that knows none.")
    var ownSockets = false

    @Flag(help: "Share the address with other servers (SO_REUSEPORT).")
    var reusePort = false

    @Flag(help: "Answer without remembering flows: the count in each answer is 1.")
    var stateless = false

    @Flag(
        help: """
            Block in recvmmsg on the first socket, as simple servers do, and end at SIGTERM by \
            the signal itself.
            """)
    var blocking = false

    @Option(
        name: .customLong("protocol"),
        help: "Keep sessions by their ids: quic or wireguard, as 'send --protocol' speaks them.")
    var form: SessionProtocol?

    @Option(help: ArgumentHelp("Bytes of the ids that it issues, 4 to 20.", valueName: "n"))
    var idLength: Int?

    @Flag(help: "Print one line with figures at the end.")
    var summary = false

    @OptionGroup(title: "Misbehaviour")
    var misbehaviour: Misbehaviour

    func validate() throws {
        guard 4...20 ~= idLength ?? 4 else {
            throw ValidationError("--id-length must be from 4 to 20")
        }
        if let idLength, form != .quic, idLength != form?.idLength {
            throw ValidationError("--id-length is for --protocol quic")
        }
    }

    func run() throws {
        if let code = misbehaviour.exitAtOnce { throw ExitCode(code) }
        try LoadError.reported {
            let sockets = try ServedSockets(
                addresses: addresses, reusePort: reusePort, ownSockets: ownSockets,
                ignoresInherited: misbehaviour.ignoreSockets || misbehaviour.neverReady)
            let server = try EchoServer(
                sockets, stateless: stateless, blocking: blocking, misbehaviour)
            if let form {
                server.sessions = SessionStates(form, idLength: idLength ?? form.idLength)
            }
            try server.run()
            if summary { Terminal.complain(server.summary) }
        }
    }
}
