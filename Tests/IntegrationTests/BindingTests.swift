import ControlProtocol
import Kernel
import TestKit
import Testing

/// What a program does that binds its sockets itself, and what it gets.
@Suite(.ownNetwork, .needsRoot)
struct BindingTests {
    private static let listener = ["--listen", "udp://127.0.0.1:4433"]
    private static let address = SocketAddress.loopback(port: 4433)

    private func current(_ body: String) throws -> Service {
        try Service.current(Self.listener, command: BindingWorker.command(body))
    }

    /// Words of a worker's `tell`, counted from 0.
    private func told(
        _ service: Service, _ worker: String = "1.0", at index: Int = 0
    ) throws -> [Substring] {
        let mark = "[\(worker)] told "
        while true {
            let lines = service.process.output.lines.filter { $0.hasPrefix(mark) }
            if lines.count > index {
                return lines[index].split(separator: " ").dropFirst(2).map { $0 }
            }
            try #require(try service.line(with: mark) != nil)
        }
    }

    @Test func optionsAndFlagsSetBeforeTheBindAreOnTheSocketAfterIt() throws {
        let service = try current(
            """
            s = make(socket.SOCK_DGRAM, ("127.0.0.1", 4433), [
                (socket.SOL_SOCKET, socket.SO_RCVBUF, 300000), (socket.IPPROTO_IP, 8, 1),
                (socket.IPPROTO_IP, socket.IP_TOS, 0x10), (socket.SOL_SOCKET, socket.SO_BROADCAST, 1)])
            s.setblocking(False)
            before = inode(s)
            s.bind(("127.0.0.1", 4433))
            tell(inode(s) != before, s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= 600000,
                 s.getsockopt(socket.IPPROTO_IP, 8), s.getsockopt(socket.IPPROTO_IP, socket.IP_TOS),
                 s.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST), os.get_blocking(s.fileno()),
                 os.get_inheritable(s.fileno()), *s.getsockname())
            serve(s)
            """)
        #expect(
            try told(service) == [
                "True", "True", "1", "16", "1", "False", "False", "127.0.0.1", "4433",
            ])
    }

    @Test func whatIsBoundInAnotherNetworkNamespaceIsTheWorkersOwn() throws {
        let service = try current(
            """
            s = udp()
            import ctypes
            assert ctypes.CDLL(None).unshare(0x40000000) == 0  # CLONE_NEWNET
            assert os.system("ip link set lo up") == 0
            other = make(socket.SOCK_DGRAM, ("127.0.0.1", 4433), [(1, 36, 7)])
            before = inode(other)
            other.bind(("127.0.0.1", 4433))
            tell(inode(other) == before, s.getsockopt(1, 36))  # SO_MARK
            serve(s)
            """)
        #expect(try told(service) == ["True", "0"])
        // Said before the call goes on, and so before the worker's own line.
        let lines = service.process.output.lines
        #expect(lines.contains { $0.contains("127.0.0.1:4433 in another network namespace") })
        #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
    }

    @Test func whatCannotBeCarriedOverIsWarnedOf() throws {
        let service = try current(
            """
            s = make(socket.SOCK_DGRAM, ("127.0.0.1", 4433))
            early = select.epoll()
            early.register(s.fileno(), select.EPOLLIN)
            s.bind(("127.0.0.1", 4433))
            serve(s)
            """)
        #expect(
            service.process.output.lines.contains {
                $0.contains("not carried over") && $0.contains("its place in an epoll set")
            })
        #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
    }

    @Test func aThreadEachWithASocketOfItsOwnHaveASlotEachAndSoHaveTheNextOnes() throws {
        let service = try current(
            """
            def work():
                s = udp("127.0.0.1", 4433, (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1))
                tell(inode(s))
                while True:
                    data, peer = s.recvfrom(2000)
                    s.sendto(str(threading.get_ident()).encode(), peer)

            threads = [threading.Thread(target=work) for _ in range(3)]
            for each in threads: each.start()
            for each in threads: each.join()
            """)
        let sockets = try (0..<3).map { try told(service, at: $0) }
        #expect(Set(sockets).count == 3)
        #expect(try eventually { try threads(answering: 60) == 3 })
        #expect(try service.relevo("upgrade").exit == .code(0))
        let next = try (0..<3).map { try told(service, "2.0", at: $0) }
        #expect(Set(next).union(sockets).count == 6)
        #expect(try eventually { try threads(answering: 60) == 3 })
    }

    /// How many different threads answer so many new flows.
    private func threads(answering flows: Int) throws -> Int {
        var found: Set<String> = []
        for _ in 0..<flows { found.insert(try Question(to: Self.address).ask() ?? "") }
        return found.count
    }

    @Test func aSecondSocketThatMayNotShareTheAddressIsRefusedAsEver() throws {
        let service = try current(
            """
            first = udp()
            try:
                udp()
                tell("bound")
            except OSError as error:
                tell(errno.errorcode[error.errno])
            serve(first)
            """)
        #expect(try told(service) == ["EADDRINUSE"])
        #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
    }

    @Test func otherAddressesAreTheKernelsBusiness() throws {
        let service = try current(
            """
            s = udp()
            other, any, local = udp("127.0.0.1", 4999), udp("127.0.0.1", 0), udp("127.0.0.2", 4998)
            tell(other.getsockname()[1], any.getsockname()[1] > 0, local.getsockname()[0])
            serve(s)
            """)
        #expect(try told(service) == ["4999", "True", "127.0.0.2"])
        #expect(try service.status().listeners.count == 1)
    }

    @Test func copiesMadeBeforeTheBindAreTheSocketAsWell() throws {
        let service = try current(
            """
            s = make(socket.SOCK_DGRAM, ("127.0.0.1", 4433))
            copy = s.dup()
            copy.bind(("127.0.0.1", 4433))
            tell(inode(s) == inode(copy), s.getsockname()[1])
            serve(s)
            """)
        #expect(try told(service) == ["True", "4433"])
        #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
    }

    @Test func aProgramThatClosesAndBindsAgainHasTheSameSocketAgain() throws {
        let service = try current(
            """
            s = udp()
            first = inode(s)
            again = []
            signal.signal(signal.SIGUSR1, lambda *_: again.append(1))
            tell("bound")
            while not again:
                try:
                    select.select([s], [], [])
                except InterruptedError:
                    pass
                if select.select([s], [], [], 0)[0]:
                    data, peer = s.recvfrom(2000)
                    s.sendto(b"old", peer)
            s.close()
            s = udp()
            tell(inode(s) == first)
            serve(s)
            """)
        #expect(try told(service) == ["bound"])
        #expect(try Question(to: Self.address).ask() == "old")
        try service.signal(10, of: 1)
        // What wakes it from its wait may be the question.
        _ = try Question(to: Self.address).ask()
        #expect(try told(service, at: 1) == ["True"])
        #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
    }

    @Test func aSocketForEachPeerIsBoundBesideTheListener() throws {
        let body = """
            shares = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s = udp("127.0.0.1", 4433, shares)
            sessions = {}
            while True:
                ready = select.select([s] + list(sessions), [], [])[0]
                for each in ready:
                    data, peer = each.recvfrom(2000)
                    if each is s:
                        session = udp("127.0.0.1", 4433, shares)
                        session.connect(peer)
                        sessions[session] = peer
                    each.sendto((me + (" session" if each is not s else " new")).encode(), peer)
            """
        let service = try current(body)
        let first = try Question(to: Self.address)
        #expect(try first.ask() == "1.0 new")
        #expect(try first.ask() == "1.0 session")
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try first.ask() == "1.0 session")
        let second = try Question(to: Self.address)
        #expect(try second.ask() == "2.0 new")
        #expect(try second.ask() == "2.0 session")
        #expect(try first.ask() == "1.0 session")
    }

    @Test func aChildThatBindsAndAParentThatLeavesItToItsChildren() throws {
        let service = try current(
            """
            s = udp()
            for _ in range(2):
                if os.fork() == 0:
                    serve(s)
            while True:
                signal.pause()
            """)
        #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
        #expect(
            try service.relevo(
                ["upgrade", "--"]
                    + BindingWorker.command("if os.fork() == 0: serve(udp())\nos.wait()")
            ).exit == .code(0))
        #expect(try Question(to: Self.address).ask()?.hasPrefix("2.0 on") == true)
    }

    @Test func aBusyProgramIsReadyOnceItHasBoundForAWhile() throws {
        let service = try current(
            """
            s = udp()
            s.setblocking(False)
            while True:
                try:
                    data, peer = s.recvfrom(2000)
                    s.sendto(me.encode(), peer)
                except BlockingIOError:
                    pass
            """)
        #expect(try Question(to: Self.address).ask() == "1.0")
        #expect(try service.status().generations.first?.workers.first?.state == .ready)
    }

    @Test func aBindWaitsForTheNextSupervisorWhenThereIsNone() throws {
        let service = try current(
            """
            s = udp()
            tell("bound")
            binds = []
            signal.signal(signal.SIGUSR1, lambda *_: binds.append(1))
            while True:
                signal.pause()
                other = udp("127.0.0.1", 4999)
                tell("again", other.getsockname()[1])
                other.close()
            """)
        #expect(try told(service) == ["bound"])
        let worker = try #require(try service.worker(0, of: 1))
        try service.crash()
        try ProcessHandle(opening: worker).signal(10)
        #expect(try eventually { try isBinding(worker) })
        try service.resume()
        #expect(try told(service) == ["again", "4999"])
    }

    /// Whether a process is in bind(2).
    private func isBinding(_ process: Int32) throws -> Bool {
        let call = String(decoding: try ProcessView.line("syscall", of: process), as: UTF8.self)
        #if arch(x86_64)
            return call.hasPrefix("49 ")
        #else
            return call.hasPrefix("200 ")
        #endif
    }

    @Test func aSupervisorThatIsKilledAtAnyMomentLeavesNoBindWithoutAnAnswer() throws {
        let service = try current(
            """
            s = udp()

            def churn():
                while True:
                    for _ in range(500):
                        udp("127.0.0.1", 4999).close()
                    tell("on")

            threading.Thread(target=churn).start()
            serve(s)
            """)
        for _ in 0..<20 {
            #expect(try service.line(with: "told on") != nil)
            try service.succeed()
            #expect(try service.line(with: "told on") != nil)
        }
        #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
        #expect(try service.status().generations.first?.workers.first?.restarts == 0)
    }

    @Test func leftToTheKernelTheSecondGenerationIsRefusedItsAddress() throws {
        let service = try Service(
            Self.listener + ["--no-intercept"],
            command: BindingWorker.command("serve(udp())"))
        #expect(try service.line(with: "Address already in use") != nil)
    }
}
