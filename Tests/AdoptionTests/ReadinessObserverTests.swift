import Adoption
import Foundation
import Testing

@Suite struct ReadinessObserverTests {
    private let start = ContinuousClock.now

    private func lookUntil(
        _ wanted: [Sighting], _ program: PythonProgram, within limit: Duration = .seconds(20)
    ) {
        var observer = program.observer
        var last: [Sighting] = []
        repeat {
            last = observer.look(at: ContinuousClock.now - start)
            if last == wanted { return }
        } while ContinuousClock.now - start < limit
        Issue.record("last seen: \(last)")
    }

    @Test(arguments: [
        ("s.recvfrom(100)", WaitKind.read),
        ("s.recvmsg(100)", .read),
        ("os.read(s.fileno(), 100)", .read),
        ("p = select.poll(); p.register(s, select.POLLIN); p.poll()", .poll),
        ("select.select([s], [], [])", .select),
        ("e = select.epoll(); e.register(s, select.EPOLLIN); e.poll()", .epoll),
        (
            "q = selectors.DefaultSelector(); q.register(s, selectors.EVENT_READ); q.select()",
            .epoll
        ),
        (
            "i = select.epoll(); i.register(s, 1); o = select.epoll(); o.register(i.fileno(), 1);"
                + "o.poll()", .epoll
        ),
        (
            """
            async def main():
                await asyncio.get_running_loop().create_datagram_endpoint(
                    asyncio.DatagramProtocol, sock=s)
                await asyncio.Event().wait()
            asyncio.run(main())
            """, .epoll
        ),
        ("t = threading.Thread(target=lambda: s.recv(1)); t.start(); t.join()", .read),
        ("d = os.dup(s.fileno()); s.close(); os.read(d, 1)", .read),
        (
            "e = select.epoll(); d = os.dup(s.fileno()); e.register(d, 1); os.close(d); e.poll()",
            .epoll
        ),
    ])
    func aSocketThatIsWaitedOnIsTaken(body: String, kind: WaitKind) throws {
        lookUntil([.taken(kind)], try PythonProgram(body))
    }

    @Test func aForkedChildTakesForItsParent() throws {
        let program = try PythonProgram(
            """
            child = os.fork()
            if child == 0:
                if os.fork() == 0:
                    s.recv(1)
                os.wait()
            else:
                os.waitpid(child, 0)
            """)
        lookUntil([.taken(.read)], program)
    }

    @Test func eachSocketIsJudgedByItself() throws {
        let program = try PythonProgram(sockets: 3, "select.select([all[0], all[2]], [], [all[1]])")
        lookUntil([.taken(.select), .notSeen, .taken(.select)], program)
    }

    @Test func aSocketThatIsIgnoredIsNeverTaken() throws {
        let program = try PythonProgram("signal.pause()")
        var observer = program.observer
        for look in 0..<200 {
            #expect(observer.look(at: .milliseconds(100 * look)) == [.notSeen])
            if look < 20 { sched_yield() }
        }
    }

    @Test func anEpollSetThatNobodyWaitsOnCountsAfterASecond() throws {
        let program = try PythonProgram(
            "e = select.epoll(); e.register(s, 1); signal.pause()")
        var observer = program.observer
        // The clock starts at the first look that sees the socket in the set.
        var now: Duration = .zero
        while now < .seconds(2), ContinuousClock.now - start < .seconds(20) {
            let seen = observer.look(at: now)
            if seen == [.taken(.epollMember)] { break }
            #expect(seen == [.notSeen])
            if program.isPausing { now += .milliseconds(250) }
        }
        #expect(now == .seconds(1) || now == .milliseconds(1250))
    }

    @Test func aProgramThatNeverWaitsCannotBeJudged() throws {
        let program = try PythonProgram("s.setblocking(False)\nwhile True: pass")
        var observer = program.observer
        var last: [Sighting] = []
        while ContinuousClock.now - start < .seconds(20) {
            last = observer.look(at: ContinuousClock.now - start)
            if last != [.notSeen] { break }
        }
        #expect(
            last == [
                .cannotObserve(
                    "process \(program.process.processIdentifier) has a thread that never waits")
            ])
    }

    @Test func aProcessThatIsGoneIsNotSeen() throws {
        let program = try PythonProgram("pass")
        program.process.waitUntilExit()
        var observer = program.observer
        #expect(observer.look(at: .zero) == [.notSeen])
    }

    @Test func whatWasTakenOnceStaysTaken() throws {
        let program = try PythonProgram("s.recv(1)")
        var observer = program.observer
        while observer.look(at: .zero) != [.taken(.read)],
            ContinuousClock.now - start < .seconds(20)
        {}
        kill(program.process.processIdentifier, SIGKILL)
        program.process.waitUntilExit()
        #expect(observer.look(at: .zero) == [.taken(.read)])
    }
}
