import ControlProtocol
import Kernel
import TestKit
import Testing

/// An upgrade that may be taken back by itself for some time after the flip.
@Suite(.ownNetwork) struct WatchTests {
    /// New flows go to either version, so that an older one answers some that were opened later.
    private static let clients = changingFlows + ["--expect-rollback"]

    private func isWatched(_ service: Service) throws -> Bool {
        try service.eventually { $0.current == 2 && $0.generations.last?.watch != nil }
    }

    /// Whether it was rolled back and nothing was cut or dropped.
    private func isUndone(_ service: Service) throws -> Bool {
        guard try service.ended(2) else { return false }
        let status = try service.status()
        let handover = status.lastHandover
        return status.current == 1 && handover?.result == .rolledBack && handover?.cutFlows == 0
            && handover?.drops == 0
    }

    @Test func aGoodVersionStaysAndTheOldOneDrainsThen() throws {
        let service = try Service.current(quick, command: try echo())
        let old = try service.load(lastingFlows)
        let load = try service.load(Self.clients)
        let folder = try TemporaryFolder()
        let upgrade = try service.starting(
            "upgrade", "--watch", "2s", "--check",
            "exec:/bin/sh -c 'echo $RELEVO_STEP $RELEVO_SHARE >> \(folder.file("checks"))'")
        #expect(try isWatched(service))
        // Its deadline counts from the end of the watch on.
        let kept = try #require(try service.generation(1))
        #expect(kept.state == .draining && kept.drainSecondsLeft == nil, "\(kept)")
        let other = try service.relevo("upgrade")
        #expect(other.failed(1, saying: "generation 2 is being watched"), "\(other)")
        #expect(try service.relevo("status").text.contains("watched for"))
        let told = try upgrade.finished()
        #expect(told.succeeded, "\(told)")
        for words in ["generation 2 is watched for 2", "the watch over it has passed"] {
            #expect(told.output.contains { $0.contains(words) }, "\(told)")
        }
        let checks = String(decoding: try readFile(folder.file("checks")), as: UTF8.self)
        #expect(checks == "1 100%\n")
        #expect(try service.eventually(1) { $0.drainSecondsLeft != nil })
        let stayed = try old.stopped()
        #expect(stayed.isAnswered(by: 1), "\(stayed)")
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
        #expect(try service.ended(1))
        let last = try service.status().lastHandover
        #expect(last?.result == .completed && last?.watchEnd == .passed)
    }

    /// The sessions of either generation stay where they are.
    @Test func aCheckThatFailsRollsBack() throws {
        let service = try Service.current(quick, command: try echo())
        let old = try service.load(lastingFlows)
        let load = try service.load(Self.clients)
        let folder = try TemporaryFolder()
        let upgrade = try service.starting(
            "upgrade", "--watch", "1h", "--check",
            "exec:/bin/sh -c 'test -e \(folder.file("good")) || { echo slow; exit 4; }'")
        #expect(try isWatched(service))
        let new = try service.load(lastingFlows)
        let told = try upgrade.finished()
        #expect(
            told.errors == [
                "relevo: upgrade failed: its check failed: ended with code 4: slow; "
                    + "relevo history 2 has its course"
            ], "\(told)")
        #expect(told.exit == .code(1))
        #expect(try service.status().current == 1)
        #expect(try service.generation(2)?.state == .draining)
        #expect(try service.probe().isAnswered(by: 1))
        #expect(try new.stopped().isAnswered(by: 2))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
        #expect(try isUndone(service))
        let stayed = try old.stopped()
        #expect(stayed.isAnswered(by: 1), "\(stayed)")
    }

    /// The new worker reads nothing any more; its socket has no room for all that comes.
    @Test func tooManyDropsRollBack() throws {
        let service = try Service.current(quick, command: try echo())
        let old = try service.load(lastingFlows)
        let upgrade = try service.starting("upgrade", "--watch", "1h", "--max-drops", "20")
        #expect(try isWatched(service))
        #expect(try service.eventually { $0.generations.last?.watch?.drops == 0 })
        try service.signal(SignalNumber.stop, of: 2)
        let unlucky = try Load(to: address, Self.clients + ["--duration", "5min"])
        let told = try upgrade.finished()
        #expect(told.failed(1, saying: "dropped since it got new flows, more than 20"), "\(told)")
        #expect(try service.status().current == 1)
        try service.signal(SignalNumber.resume, of: 2)
        _ = try unlucky.stopped()
        #expect(try service.ended(2))
        let handover = try #require(try service.status().lastHandover)
        #expect(handover.result == .rolledBack && handover.drops > 20, "\(handover)")
        let stayed = try old.stopped()
        #expect(stayed.isAnswered(by: 1), "\(stayed)")
    }

    @Test func oneDeathMoreThanItMayCauseRollsBack() throws {
        let service = try Service.current(quick, command: try echo())
        // All sessions are the old one's: nothing is lost with the new one's worker.
        let old = try service.load(lastingFlows)
        let upgrade = try service.starting("upgrade", "--watch", "1h", "--max-restarts", "1")
        #expect(try isWatched(service))
        try service.signal(SignalNumber.kill, of: 2)
        #expect(
            try service.eventually(2) {
                $0.workers.first?.restarts == 1 && $0.workers.first?.state == .ready
            })
        #expect(try service.status().current == 2)
        #expect(try service.probe("--expect-restart").isAnswered(by: 2))
        try service.signal(SignalNumber.kill, of: 2)
        let told = try upgrade.finished()
        #expect(told.failed(1, saying: "worker 0 killed by signal 9"), "\(told)")
        #expect(try service.status().current == 1)
        #expect(try service.probe().isAnswered(by: 1))
        #expect(try isUndone(service))
        let stayed = try old.stopped()
        #expect(stayed.isAnswered(by: 1), "\(stayed)")
    }

    /// Which was never told to drain.
    @Test func aWorkerThatSaysThatItFailsRollsBackToOneThatNeverStopped() throws {
        let service = try Service.current(
            ["--listen", "udp://\(address)", "--linger", "20ms", "--idle-timeout", "3s"],
            command: ChannelWorker.obedient())
        let client = try Question(to: try #require(SocketAddress(address)))
        #expect(try client.ask("python 1") == "1.0: 1")
        let upgrade = try service.starting("upgrade", "--watch", "1h")
        #expect(try isWatched(service))
        let other = try Question(to: try #require(SocketAddress(address)))
        #expect(try other.ask("python 2") == "2.0: 2")
        #expect(try client.ask("python 3") == "1.0: 3")
        #expect(try other.ask("FAILED\nID=7\nREASON=no zone") != nil)
        let told = try upgrade.finished()
        #expect(told.failed(1, saying: "worker 0 failed: no zone"), "\(told)")
        #expect(try service.eventually { $0.current == 1 })
        #expect(try client.ask("python 4") == "1.0: 4")
        #expect(try isUndone(service))
        #expect(!service.process.output.lines.contains { $0.hasPrefix("[1.0] heard DRAIN") })
    }

    @Test(arguments: [true, false])
    func itGoesOnUnderTheNextSupervisor(isGood: Bool) throws {
        let service = try Service.current(quick, command: try echo())
        let old = try service.load(lastingFlows)
        let load = try service.load(Self.clients)
        let folder = try TemporaryFolder()
        let script = "test ! -e \(folder.file("bad"))"
        #expect(
            try service.relevo(
                "upgrade", "--watch", isGood ? "4s" : "1h", "--check",
                "exec:/bin/sh -c '\(script)'", "--no-wait"
            ).succeeded)
        #expect(try isWatched(service))
        if !isGood { try writeFile(folder.file("bad"), []) }
        try service.succeed()
        let end = isGood ? "the watch over it has passed" : "its check failed"
        #expect(try service.line(with: end) != nil)
        #expect(try service.eventually { $0.current == (isGood ? 2 : 1) })
        try service.succeed()
        let stayed = try old.stopped()
        #expect(stayed.isAnswered(by: 1), "\(stayed)")
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
        #expect(try service.ended(isGood ? 1 : 2))
        #expect(try service.status().current == (isGood ? 2 : 1))
    }

    @Test func aCanaryIsWatchedToo() throws {
        let service = try Service.current(quick, command: try echo())
        let load = try service.load(Self.clients)
        let script = "test $RELEVO_STEP -lt 3"
        let upgrade = try service.relevo(
            "upgrade", "--canary", "20%,60%", "--step", "200ms", "--watch", "300ms", "--check",
            "exec:/bin/sh -c '\(script)'")
        #expect(upgrade.failed(1, saying: "its check failed: ended with code 1"), "\(upgrade)")
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
        #expect(try isUndone(service))
    }

    @Test(arguments: ["promote", "abort", "rollback"])
    func anOperatorEndsIt(by command: String) throws {
        let service = try Service.current(quick, command: try echo())
        let load = try service.load(Self.clients)
        let upgrade = try service.starting("upgrade", "--watch", "1h")
        #expect(try isWatched(service))
        let told = try service.relevo(command)
        #expect(told.succeeded, "\(told)")
        let stays = command == "promote"
        #expect(try service.status().current == (stays ? 2 : 1))
        let end = try upgrade.finished()
        #expect(
            stays ? end.succeeded : end.failed(1, saying: "cancelled by rollback"), "\(end)")
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
        #expect(try stays ? service.ended(1) : isUndone(service))
    }

    /// What was not watched to its end has not passed.
    @Test func anOldVersionThatDiesForGoodLeavesNothingToGoBackTo() throws {
        let service = try Service.current(quick, command: try echo())
        let events = try service.starting("events")
        let upgrade = try service.starting("upgrade", "--watch", "1h")
        #expect(try isWatched(service))
        // It is started again until it dies too often.
        for restarts in 0..<10 {
            let stands = try service.eventually { status in
                guard status.generations.last?.watch != nil else { return true }
                let worker = status.generations.first { $0.id == 1 }?.workers.first
                return worker?.restarts == restarts && worker?.state == .ready
            }
            #expect(stands)
            if try service.generation(2)?.watch == nil { break }
            try service.signal(SignalNumber.kill, of: 1)
        }
        let reason =
            "generation 1 died while its successor was watched, and nothing can go back to it"
        let told = try upgrade.finished()
        #expect(told.failed(1, saying: "upgrade failed: generation 2 stays: \(reason)"), "\(told)")
        #expect(try service.ended(1))
        let status = try service.status()
        let last = try #require(status.lastHandover)
        #expect(status.current == 2 && last.result == .incomplete && last.reason == reason)
        #expect(last.watchEnd == .deserted && status.tally?.handovers.incomplete == 1)
        #expect(try service.relevo("status").text.contains("watch deserted"))
        let whole = try service.relevo("history", "2")
        for words in ["generation 2 stays: \(reason)", "watch     ended early"] {
            #expect(whole.output.contains { $0.contains(words) }, "\(whole)")
        }
        #expect(try service.probe().isAnswered(by: 2))
        // The version before is started anew where somebody wants it.
        #expect(try service.relevo("rollback").succeeded)
        #expect(try service.status().current == 3)
        #expect(try service.relevo("stop").succeeded)
        let heard = try events.output.rest()
        #expect(heard.contains { $0.contains(#""watchEnd":"deserted""#) }, "\(heard)")
    }

    @Test func aStopEndsItToo() throws {
        let service = try Service.current(quick, command: try echo())
        let upgrade = try service.starting("upgrade", "--watch", "1h")
        #expect(try isWatched(service))
        #expect(try service.relevo("stop").succeeded)
        #expect(try upgrade.finished().exit != .code(0))
        #expect(try service.process.finished().exit == .code(0))
    }
}
