import ControlProtocol
import Kernel
import TestKit
import Testing

/// The rule `auto`: what the program says, or else what is seen of it.
@Suite(.ownNetwork, .needsRoot)
struct ReadyAutoTests {
    private static let listener = ["--listen", "udp://127.0.0.1:4433"]

    /// Ways in which programs wait for datagrams.
    static let programs = [
        """
        while True:
            data, peer = sockets[0].recvfrom(2000)
            sockets[0].sendto(data, peer)
        """,
        """
        waiting = select.epoll()
        waiting.register(3, select.EPOLLIN)
        while True:
            for number, what in waiting.poll():
                data, peer = sockets[0].recvfrom(2000)
                sockets[0].sendto(data, peer)
        """,
        """
        while True:
            select.select([3], [], [])
            data, peer = sockets[0].recvfrom(2000)
            sockets[0].sendto(data, peer)
        """,
        """
        class Echo(asyncio.DatagramProtocol):
            def connection_made(self, transport):
                self.transport = transport
            def datagram_received(self, data, peer):
                self.transport.sendto(data, peer)

        async def main():
            sockets[0].setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.create_datagram_endpoint(Echo, sock=sockets[0])
            await loop.create_future()

        asyncio.run(main())
        """,
        """
        import threading

        def work():
            while True:
                data, peer = sockets[0].recvfrom(2000)
                sockets[0].sendto(data, peer)

        threading.Thread(target=work).start()
        signal.pause()
        """,
    ]

    @Test(arguments: programs.indices)
    func aProgramThatSaysNothingIsReadyWhenItWaitsOnItsSocket(program: Int) throws {
        let service = try Service.current(
            Self.listener, command: PythonWorker.command(Self.programs[program]))
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        #expect(try Question(to: address).ask("hello") == "hello")
        #expect(
            !service.process.output.lines.contains { $0.contains("unseen") },
            "it was seen, not believed")
    }

    @Test func aProgramThatAsksForTimeIsWaitedForUntilItSaysReady() throws {
        let folder = try TemporaryFolder()
        let service = try Service(
            Self.listener,
            command: PythonWorker.command(
                """
                notify("STATUS=loading\\nEXTEND_TIMEOUT_USEC=30000000")
                import threading
                threading.Thread(target=lambda: (
                    os.open(sys.argv[1], os.O_RDONLY), notify("READY=1"))).start()
                serve()
                """, try ReadyRuleTests.gate(in: folder)))
        #expect(try service.line(with: "worker 1.0 started") != nil)
        #expect(
            try service.eventually { $0.generations.first?.workers.first?.message == "loading" })
        #expect(try service.status().current == nil)
        try ReadyRuleTests.open(folder)
        #expect(try service.line(with: "new flows go to generation 1") != nil)
    }

    @Test func aProgramThatOnlyTellsItsStatusIsReadyWhenItWaitsOnItsSocket() throws {
        let service = try Service.current(
            Self.listener, command: PythonWorker.command("notify('STATUS=running')\nserve()"))
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        #expect(try Question(to: address).ask("who")?.hasPrefix("1.0 on") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
    }

    @Test(arguments: [["--ignore-sockets"], ["--never-ready"]])
    func aGenerationThatIgnoresItsSocketsNeverGetsReady(behaviour: [String]) throws {
        let service = try Service.current(
            Self.listener + ["--ready-timeout", "2s"], command: try Programs.echo())
        let echo = try Programs.echo() + behaviour
        let upgrade = try Finished.running(
            [try Programs.path("relevo"), "upgrade", "--control", service.control, "--"] + echo)
        #expect(upgrade.exit == .code(1))
        #expect(
            upgrade.errors.first?.contains("it waits on no socket of udp://127.0.0.1:4433") == true,
            "\(upgrade.errors)")
        #expect(try service.status().current == 1)
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        let load = try Load(
            to: "\(address)", ["--flows", "50", "--rate", "500", "--duration", "200ms"]
        ).result()
        #expect(load.ok, "\(load.faults)")
        #expect(load.generations.keys.sorted() == ["1"])
    }

    @Test func aSocketThatTheProgramClosesIsNotTaken() throws {
        let service = try Service(
            Self.listener + ["--ready-timeout", "2s"],
            command: PythonWorker.command("sockets[0].close()\nsignal.pause()"))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(
            finished.text.contains("it waits on no socket of udp://127.0.0.1:4433"),
            "\(finished.output)")
    }

    @Test func oneListenerIgnoredKeepsTheGenerationFromGettingReadyAndIsNamed() throws {
        let service = try Service(
            Self.listener + ["--listen", "udp://127.0.0.1:4434", "--ready-timeout", "2s"],
            command: PythonWorker.command("serve(sockets[:1])"))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(
            finished.text.contains("it waits on no socket of udp://127.0.0.1:4434"),
            "\(finished.output)")
    }

    @Test func onlySlotsThatAreTakenAreSteeredTo() throws {
        let service = try Service.current(
            Self.listener + ["--sockets-per-worker", "4", "--ready", "notify"],
            command: PythonWorker.command("notify('READY=1')\nserve(sockets[1:3])"))
        #expect(try service.line(with: "waits on 2 of its 4 sockets") != nil)
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        var answers: Set<String> = []
        for _ in 0..<60 { answers.insert(try #require(try Question(to: address).ask())) }
        #expect(answers == ["1.0 on 4", "1.0 on 5"])
    }

    @Test func aSilentServerThatReadsOneOfTwoSocketsIsReady() throws {
        let service = try Service.current(
            Self.listener + ["--sockets-per-worker", "2"],
            command: PythonWorker.command("serve(sockets[:1])"))
        #expect(try service.line(with: "waits on 1 of its 2 sockets") != nil)
    }

    @Test func aSlotTakenLateIsSteeredToFromThenOn() throws {
        let folder = try TemporaryFolder()
        let service = try Service.current(
            Self.listener + ["--sockets-per-worker", "2", "--ready", "notify"],
            command: PythonWorker.command(
                """
                waiting = select.epoll()
                waiting.register(3, select.EPOLLIN)
                notify("READY=1")
                import threading
                threading.Thread(target=lambda: (
                    os.open(sys.argv[1], os.O_RDONLY),
                    waiting.register(4, select.EPOLLIN))).start()
                while True:
                    for number, what in waiting.poll():
                        data, peer = sockets[number - 3].recvfrom(2000)
                        sockets[number - 3].sendto(str(number).encode(), peer)
                """, try ReadyRuleTests.gate(in: folder)))
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        for _ in 0..<20 { #expect(try Question(to: address).ask() == "3") }
        try ReadyRuleTests.open(folder)
        #expect(try eventually { try Question(to: address).ask() == "4" })
        #expect(try service.status().generations.first?.workers.first?.restarts == 0)
    }
}
