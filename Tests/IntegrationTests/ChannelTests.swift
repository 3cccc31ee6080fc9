import ControlProtocol
import Kernel
import TestKit
import Testing

/// What a worker and its supervisor say to each other over the channel.
@Suite(.ownNetwork, .needsRoot)
struct ChannelTests {
    private static let options = ["--listen", "udp://\(address)", "--linger", "20ms"]

    private func client() throws -> Question {
        try Question(to: try #require(SocketAddress(address)))
    }

    @Test func aWorkerIsGivenItsSocketsAndToldWhoItIs() throws {
        let service = try Service.current(
            ["--name", "front"] + Self.options + ["--listen", "tcp://\(address)"],
            command: ChannelWorker.command(
                """
                offered = hello(ID=77)
                same = [os.fstat(a).st_ino == os.fstat(b).st_ino for a, b in zip(offered, (3, 4))]
                print("the same", same, len(offered), flush=True)
                say("READY")
                obey()
                """))
        #expect(
            try service.says(
                "[1.0] heard WELCOME ID=77 VERSION=1 SERVICE=front GENERATION=1 WORKER=0 WORKERS=1 "
                    + "SOCKET=0 0 udp://\(address) 4433 SOCKET=1 0 tcp://\(address) "
                    + "4433 [2]"))
        #expect(try service.says("[1.0] the same [True, True] 2"))
    }

    @Test func aWorkerThatHasItsSocketsIsToldOfThemAlone() throws {
        let service = try Service.current(
            ["--name", "front"] + Self.options,
            command: ChannelWorker.command("hello(SOCKETS=\"no\")\nsay(\"READY\")\nobey()"))
        #expect(
            try service.says(
                "[1.0] heard WELCOME VERSION=1 SERVICE=front GENERATION=1 WORKER=0 WORKERS=1 "
                    + "SOCKET=0 0 udp://\(address) 4433"))
    }

    @Test func aWorkerThatSaysHelloIsReadyWhenItSaysSo() throws {
        let service = try Service(
            Self.options,
            command: ChannelWorker.command(
                """
                hello()
                signal.signal(signal.SIGUSR1, lambda *_: say("READY"))
                obey()
                """))
        #expect(try service.line(with: "heard WELCOME") != nil)
        // Waiting on its sockets it would be ready by now, had it said nothing.
        #expect(try service.eventually { $0.generations.first?.workers.first?.pid != nil })
        #expect(
            try service.line(with: "new flows go to generation 1", within: .milliseconds(1500))
                == nil)
        #expect(try service.message() == "it has not said READY=1")
        try service.signal(10, of: 1)
        #expect(try service.line(with: "new flows go to generation 1") != nil)
    }

    @Test func anUpgradeFailsForTheReasonThatAWorkerGives() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        let upgrade = try service.upgrading(
            to: ChannelWorker.command(
                """
                ignore_stop()
                hello()
                say("FAILED", REASON="the zone file is of last year")
                obey()
                """))
        #expect(upgrade.failed(1, saying: "the zone file is of last year"))
        #expect(try service.status().current == 1)
        #expect(try service.line(with: "[2.0] heard STOP LEFT=10000") != nil)
    }

    @Test func aWorkerThatFailsAfterTheFlipRollsBackWhileTheOldOneDrains() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        let client = try client()
        #expect(try client.ask("python 1") == "1.0: 1")
        #expect(try service.upgrade())
        let other = try self.client()
        #expect(try other.ask("python 2") == "2.0: 2")
        #expect(try other.ask("FAILED\nID=7\nREASON=the zone file is of last year") != nil)
        #expect(try service.eventually { $0.current == 1 })
        #expect(try service.line(with: "worker 0 failed: the zone file is of last year") != nil)
        #expect(try client.ask("python 3") == "1.0: 3")
        #expect(try self.client().ask("python 4") == "1.0: 4")
        #expect(try service.ended(2))
        #expect(try service.status().lastHandover?.result == .rolledBack)
    }

    @Test func drainAndItsDeadlineAreTold() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        let client = try client()
        #expect(try client.ask("python 1") == "1.0: 1")
        #expect(try client.ask("python 2") == "1.0: 2")
        #expect(try service.upgrade())
        let drain = try #require(try service.line(with: "[1.0] heard DRAIN DEADLINE="))
        let left = try #require(drain.split(separator: "LEFT=").last.flatMap { Int($0) })
        #expect(3_590_000...3_600_000 ~= left)
        #expect(try service.relevo("drain", "--timeout", "50s").exit == .code(0))
        let again = try #require(try service.line(with: "[1.0] heard DRAIN DEADLINE="))
        let less = try #require(again.split(separator: "LEFT=").last.flatMap { Int($0) })
        #expect(40_000...50_000 ~= less)
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try service.line(with: "[1.0] heard RESUME") != nil)
        #expect(try service.line(with: "[2.0] heard DRAIN") != nil)
    }

    @Test func aDrainEndsWhenTheWorkerSaysThatItIsDrained() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        let client = try client()
        #expect(try client.ask("DRAINED\nID=1")?.contains("ERROR ID=1 CODE=order") == true)
        #expect(try client.ask("SESSIONS\nCOUNT=0") == "1.0: sent")
        #expect(try service.upgrade())
        #expect(try service.line(with: "[1.0] heard DRAIN") != nil)
        // Its flow is live, and would hold the drain for a minute.
        #expect(try client.ask("DRAINED\nID=2") == "1.0: OK ID=2")
        #expect(try service.line(with: "[1.0] heard STOP LEFT=10000") != nil)
        #expect(try service.ended(1))
    }

    @Test func toldSessionsAreShownAndHoldTheDrain() throws {
        let service = try Service.current(
            Self.options + ["--idle-timeout", "1s"],
            command: ChannelWorker.obedient(
                "signal.signal(signal.SIGUSR1, lambda *_: say('SESSIONS', COUNT=0))"))
        let client = try client()
        #expect(try client.ask("SESSIONS\nCOUNT=3\nID=1") == "1.0: OK ID=1")
        #expect(try client.ask("SESSIONS\nCOUNT=2\nID=2") == "1.0: OK ID=2")
        #expect(try service.status().generations.first?.workers.first?.sessions == 2)
        #expect(try service.upgrade())
        #expect(try service.eventually(1) { $0.flows == 0 })
        // Flows are counted once a second.
        #expect(
            try service.line(with: "generation 1 retires", within: .milliseconds(2500)) == nil)
        #expect(try service.generation(1)?.state == .draining)
        try service.signal(10, of: 1)
        #expect(try service.line(with: "[1.0] heard STOP") != nil)
        #expect(try service.ended(1))
    }

    @Test func theNextSupervisorAnswersWhatWasAskedMeanwhile() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        let client = try client()
        #expect(try client.ask("python 1") == "1.0: 1")
        try service.crash()
        #expect(try client.ask("SESSIONS\nCOUNT=6") == "1.0: sent")
        #expect(try client.ask("python send('SESSIONS\\nCOUNT=7\\nID=5')") == "1.0: None")
        try service.resume()
        #expect(try service.line(with: "took over") != nil)
        #expect(try service.line(with: "[1.0] heard OK ID=5") != nil)
        #expect(try service.status().generations.first?.workers.first?.sessions == 7)
        #expect(try service.upgrade())
        #expect(try service.line(with: "[1.0] heard DRAIN") != nil)
        try service.succeed()
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try service.line(with: "[1.0] heard RESUME") != nil)
    }

    @Test func aWorkerMayCloseItsChannelAndServeOn() throws {
        let service = try Service.current(
            Self.options, command: ChannelWorker.command("hello()\nsay(\"READY\")\nobey()"))
        let client = try client()
        #expect(try client.ask("python channel.shutdown(2)") == "1.0: None")
        #expect(try client.ask("python 3") == "1.0: 3")
        #expect(try service.upgrade())
        #expect(try client.ask("python 4") == "1.0: 4")
        #expect(try service.relevo("drain", "--timeout", "0").exit == .code(0))
        #expect(try service.ended(1))
        #expect(try client.ask("python 5") == "2.0: 5")
    }
}
