import ControlProtocol
import Kernel
import TestKit
import Testing

/// What a worker does to the socket that it was lent is not the next one's trouble.
@Suite(.ownNetwork, .needsRoot)
struct SlotLifeTests {
    private static let listener = ["--listen", "udp://127.0.0.1:4433", "--linger", "20ms"]
    private static let address = SocketAddress.loopback(port: 4433)

    /// What may be done to `s`, by the first worker alone, before it answers and once it is told to.
    private static let deeds: [String: String] = [
        "shutdown": "ending = lambda: s.shutdown(socket.SHUT_RDWR)",
        "connect": "s.connect(('127.0.0.1', 9))",
        "filter": "drop = struct.pack('HBBI', 6, 0, 0, 0)\nfilter(26, drop)",
        "membership":
            "s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('239.1.2.3') + socket.inet_aton('127.0.0.1'))",
        "reuseport": "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 0)",
        "own program": "filter(51, struct.pack('HBBI', 6, 0, 0, 0))",
    ]

    private func body(_ deed: String, if condition: String) -> String {
        """
        import ctypes
        s = udp()
        ending = lambda: None
        def filter(option, code):
            room = ctypes.create_string_buffer(code)
            s.setsockopt(socket.SOL_SOCKET, option, struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(room)))
        def end(*_):
            try: ending()
            except OSError: pass
            os._exit(3)
        signal.signal(signal.SIGUSR1, end)
        if \(condition):
            mark = open(sys.argv[1], "w")
            \(deed.replacing("\n", with: "\n    "))
        serve(s)
        """
    }

    @Test(arguments: deeds.keys.sorted())
    func itsSuccessorOnTheSlotServesEverybody(_ deed: String) throws {
        let folder = try TemporaryFolder()
        let text = body(try #require(Self.deeds[deed]), if: "not os.path.exists(sys.argv[1])")
        let service = try Service.current(
            Self.listener, command: BindingWorker.command(text, folder.file("mark")))
        try service.signal(SignalNumber.user1, of: 1)
        #expect(try service.restarted())
        for _ in 0..<5 {
            #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
        }
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try Question(to: Self.address).ask()?.hasPrefix("2.0 on") == true)
    }

    @Test(arguments: ["own program", "reuseport"])
    func theNextGenerationGetsAllNewFlows(_ deed: String) throws {
        let folder = try TemporaryFolder()
        let text = body(try #require(Self.deeds[deed]), if: "True")
        let service = try Service.current(
            Self.listener + ["--idle-timeout", "60s"],
            command: BindingWorker.command(text, folder.file("mark")))
        let old = try Question(to: Self.address)
        for _ in 0..<5 { #expect(try old.ask()?.hasPrefix("1.0 on") == true) }
        #expect(try service.relevo("upgrade").exit == .code(0))
        for _ in 0..<20 {
            #expect(try Question(to: Self.address).ask()?.hasPrefix("2.0 on") == true)
        }
        #expect(try old.ask()?.hasPrefix("1.0 on") == true)
    }

    @Test func oneThatConnectsClosesAndBindsAgainIsHeardByEverybody() throws {
        let service = try Service.current(
            Self.listener,
            command: BindingWorker.command(
                """
                while True:
                    s = udp()
                    data, peer = s.recvfrom(65536, socket.MSG_PEEK)
                    s.connect(peer)
                    s.send(s.recv(65536) + b" " + me.encode())
                    s.close()
                """))
        for number in 0..<5 {
            // While it is connected nobody else is heard, without Relevo neither.
            let isAnswered = try eventually {
                (try? Question(to: Self.address).ask("\(number)", within: .seconds(1)))
                    == "\(number) 1.0"
            }
            #expect(isAnswered)
        }
        withExtendedLifetime(service) {}
    }

    @Test func aSessionOnASlotThatIsBoundAgainStaysWhenTheNextGenerationBinds() throws {
        let service = try Service.current(
            Self.listener,
            command: BindingWorker.command(
                """
                while True:
                    s = udp()
                    data, peer = s.recvfrom(65536, socket.MSG_PEEK)
                    s.connect(peer)
                    while data != b"bye":
                        data = s.recv(65536)
                        s.send(data + b" " + me.encode())
                    s.close()
                """))
        let first = try Question(to: Self.address)
        #expect(try first.ask("a") == "a 1.0")
        // What comes meanwhile waits for its next bind.
        #expect(try service.line(with: "has connected the socket of slot 0") != nil)
        let second = try Question(to: Self.address)
        // Once it answers, the slot has its fresh socket.
        #expect(try service.relevo("status").exit == .code(0))
        try second.say("b")
        #expect(try first.ask("bye") == "bye 1.0")
        #expect(try second.answer() == "b 1.0")
        #expect(try service.relevo("upgrade").exit == .code(0))
        for number in 0..<5 { #expect(try second.ask("\(number)") == "\(number) 1.0") }
        #expect(try Question(to: Self.address).ask("c") == "c 2.0")
    }

    /// A server that serves one peer with the socket that it has connected, with or without another one for
    /// the rest: its session goes on, and new flows go where they ought to.
    @Test(arguments: [true, false])
    func whatAWorkerHasConnectedGoesOnBesideTheGroup(_ bindsAgain: Bool) throws {
        let service = try Service.current(
            Self.listener,
            command: BindingWorker.command(
                """
                s = udp()
                if me == "1.0":
                    data, peer = s.recvfrom(65536, socket.MSG_PEEK)
                    s.connect(peer)
                    def session():
                        while True: s.send(b"session " + s.recv(65536))
                    threading.Thread(target=session).start()
                    if not \(bindsAgain ? "True" : "False"): signal.pause()
                    t = udp()
                    tell("again")
                    serve(t)
                serve(s)
                """))
        let peer = try Question(to: Self.address)
        #expect(try peer.ask("first") == "session first")
        if bindsAgain {
            #expect(try service.line(with: "told again") != nil)
            for _ in 0..<10 {
                #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
            }
        }
        #expect(try service.relevo("upgrade").exit == .code(0))
        for _ in 0..<20 {
            #expect(try Question(to: Self.address).ask()?.hasPrefix("2.0 on") == true)
        }
        #expect(try peer.ask("last") == "session last")
    }

    /// Without CAP_BPF sockets are known by their order, which one of somebody else changes.
    @Test func withoutCapBPFAStrangerInTheGroupGetsNoNewFlows() throws {
        let shares = "(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)"
        let service = try Service.current(
            Self.listener + ["--steering", "stateless"],
            command: BindingWorker.command(
                """
                s = udp("127.0.0.1", 4433, \(shares))
                def more(*_):
                    global t
                    t = udp("127.0.0.1", 4433, \(shares))
                    tell("more")
                def less(*_):
                    t.close()
                    tell("less")
                signal.signal(signal.SIGUSR1, more)
                signal.signal(signal.SIGUSR2, less)
                serve(s)
                """), as: ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"])
        try service.signal(SignalNumber.user1, of: 1)
        #expect(try service.line(with: "told more") != nil)
        let refused = try service.relevo("upgrade")
        #expect(refused.exit == .code(1))
        #expect(
            refused.errors.joined().contains("has joined its group"), "\(refused)")
        for _ in 0..<20 {
            #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
        }
        #expect(
            try eventually {
                try service.relevo("status").text.contains(
                    "a socket that is not the service's shares the address")
            })
        try service.signal(12, of: 1)
        #expect(try service.line(with: "told less") != nil)
        #expect(try service.relevo("upgrade").exit == .code(0))
        for _ in 0..<20 {
            #expect(try Question(to: Self.address).ask()?.hasPrefix("3.0 on") == true)
        }
    }

    @Test func aSocketThatAHelperHasBoundForItselfIsNotTaken() throws {
        let service = try Service.current(
            Self.listener + ["--ready-timeout", "3s"],
            command: BindingWorker.command(
                """
                if me == "1.0": serve(udp())
                s = make(socket.SOCK_DGRAM, ("127.0.0.1", 4433))
                if os.fork() == 0:
                    s.bind(("127.0.0.1", 4433))
                    os._exit(0)
                os.wait()
                serve(s)
                """))
        #expect(try service.relevo("upgrade").exit == .code(1))
        #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
    }

    /// By no moment: the others' flows would move.
    @Test(arguments: ["attach", "detach"])
    func aProgramOfAWorkersOwnIsNotAttachedAndThatIsTold(_ deed: String) throws {
        let act =
            deed == "attach"
            ? "filter(51, struct.pack('HBBI', 6, 0, 0, 0))"
            : "s.setsockopt(socket.SOL_SOCKET, 68, 0)"
        let service = try Service.current(
            Self.listener + ["--idle-timeout", "60s"],
            command: BindingWorker.command(
                body(
                    """
                    for _ in range(3): \(act)
                    tell("done")
                    """, if: "me == '2.0'"), "/dev/null"))
        let one = try Question(to: Self.address)
        let other = try Question(to: Self.address)
        func areOld() throws {
            for _ in 0..<10 {
                #expect(try one.ask()?.hasPrefix("1.0 on") == true)
                #expect(try other.ask()?.hasPrefix("1.0 on") == true)
            }
        }
        try areOld()
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try service.line(with: "told done") != nil)
        try areOld()
        for _ in 0..<20 {
            #expect(try Question(to: Self.address).ask()?.hasPrefix("2.0 on") == true)
        }
        #expect(try service.line(with: "worker 2.0 wanted a program of its own") != nil)
    }

    /// - Parameter keeperDied: one that an earlier supervisor had started: its workers are no children of this
    ///   supervisor's.
    @Test(arguments: [false, true])
    func whoeverAWorkerHasLeftBehindReadsNothingOfItsSuccessors(_ keeperDied: Bool) throws {
        let folder = try TemporaryFolder()
        let service = try Service.current(
            Self.listener,
            command: BindingWorker.command(
                """
                s = udp()
                def end(*_): os._exit(3)
                if not os.path.exists(sys.argv[1]):
                    child = os.fork()
                    if child == 0:
                        os.setsid()
                        me = "left"
                    else:
                        with open(sys.argv[1], "w") as out: out.write(str(child))
                        signal.signal(signal.SIGUSR1, end)
                serve(s)
                """, folder.file("mark")))
        let text = String(decoding: try readFile(folder.file("mark")), as: UTF8.self)
        let left = try ProcessHandle(opening: try #require(Int32(text)))
        if keeperDied {
            try service.succeed()
            try ProcessHandle(opening: try service.keeper()).signal(9)
            #expect(try service.line(with: "has all") != nil)
        }
        try service.signal(SignalNumber.user1, of: 1)
        #expect(try service.restarted())
        for _ in 0..<20 {
            #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
        }
        #expect(try left.wait(for: .readable, within: .seconds(20)))
    }

    @Test func whatIsSentToAGroupIsAnsweredByTheCurrentGenerationAlone() throws {
        let service = try Service.current(
            ["--listen", "udp://0.0.0.0:4433", "--linger", "20ms", "--idle-timeout", "60s"],
            command: BindingWorker.command(
                """
                s = udp("0.0.0.0")
                s.setsockopt(
                    socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                    socket.inet_aton("239.1.2.3") + socket.inet_aton("127.0.0.1"))
                serve(s)
                """))
        let flow = try Question(to: Self.address)
        for _ in 0..<5 { #expect(try flow.ask()?.hasPrefix("1.0 on") == true) }
        #expect(try service.relevo("upgrade").exit == .code(0))
        let client = try DatagramSocket.bound(
            to: .loopback(), options: DatagramSocketOptions(reusePort: false))
        for _ in 0..<5 {
            try client.send(Array("?".utf8), to: .ipv4(0xEF01_0203, port: 4433))
            let answer = try client.receive(within: .seconds(20))
            #expect(answer?.bytes.starts(with: Array("2.0 on".utf8)) == true)
            // The old generation, asked after that, has nothing before that to answer.
            #expect(try flow.ask()?.hasPrefix("1.0 on") == true)
            #expect(try client.receive() == nil)
        }
    }

    @Test func whatIsServedAlreadyIsNotTakenOver() throws {
        let service = try Service.current(
            Self.listener, command: BindingWorker.command("serve(udp())"))
        let worker = try #require(try service.worker())
        let second = try Service(
            ["--name", "second"], command: ["/bin/false"], adopting: worker)
        #expect(try second.process.exit() == .code(1))
        #expect(try second.line(with: "is served by Relevo already") != nil)
        #expect(try service.relevo("upgrade").exit == .code(0))
        for _ in 0..<20 {
            #expect(try Question(to: Self.address).ask()?.hasPrefix("2.0 on") == true)
        }
    }
}
