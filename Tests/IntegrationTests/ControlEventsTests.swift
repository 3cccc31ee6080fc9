import FoundationEssentials
import Kernel
import TestKit
import Testing

/// What `relevo events` and `relevo status --json` print for other programs.
@Suite(.ownNetwork, .needsRoot)
struct ControlEventsTests {
    /// The parts of an event that a test compares.
    private struct Event: Decodable, Equatable {
        let time: String
        let kind: String
        let phase: String?
        let generation: Int?
        let worker: Int?
        let pid: Int?

        var words: String {
            ([kind] + [phase, generation.map(String.init)].compactMap(\.self))
                .joined(separator: " ")
        }
    }

    private static func service() throws -> Service {
        try Service.current(
            ["--name", "toy", "--listen", "udp://127.0.0.1:4433", "--linger", "0"],
            command: try Programs.echo())
    }

    private static func decode(_ line: String) throws -> Event {
        try JSONDecoder().decode(Event.self, from: Data(line.utf8))
    }

    @Test func anUpgradeIsToldFromItsFirstToItsLastEventInOrder() throws {
        let service = try Self.service()
        let follower = try service.starting("events")
        let first = try #require(try follower.output.next())
        #expect(try Self.decode(first).words == "following 1")
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        try service.relevo("stop", "--drain-timeout", "0")
        let events = try follower.output.rest().map(Self.decode)
        #expect(try follower.exit() == .code(0))
        let end = try #require(events.firstIndex { $0.kind == "handoverEnded" })
        #expect(
            events[...end].map(\.words).filter { !$0.hasPrefix("phase drain") } == [
                "handoverStarted 2", "workerStarted 2", "phase start 2", "workerReady 2",
                "phase ready 2", "phase flip 2", "phase retire 1", "workerExited 1",
                "generationStopped 1", "handoverEnded 2",
            ])
        #expect(events[...end].contains { $0.words == "phase drain 1" })
        #expect(events.last?.kind == "stopped")
        #expect(events.count { $0.kind == "stopping" } == 1)
        #expect(events.map(\.time) == events.map(\.time).sorted())
        let started = try #require(events.first { $0.kind == "workerStarted" })
        let ready = try #require(events.first { $0.kind == "workerReady" })
        #expect(started.worker == 0)
        #expect(started.pid != nil)
        #expect(started.pid == ready.pid)
    }

    @Test func aWorkerThatSaysItCannotServeIsToldOfOnce() throws {
        let service = try Self.service()
        let follower = try service.starting("events")
        _ = try follower.output.next()
        let failing = ChannelWorker.command("hello()\nsay(\"FAILED\", REASON=\"no zone\")\nobey()")
        let upgrade = try service.upgrading(to: failing)
        #expect(upgrade.failed(1, saying: "no zone"))
        try service.relevo("stop", "--drain-timeout", "0")
        let events = try follower.output.rest().map(Self.decode)
        let failed = events.filter { $0.kind == "workerFailed" }
        #expect(failed.map(\.generation) == [2])
        #expect(failed.first?.worker == 0)
        #expect(failed.first?.pid == events.last { $0.words == "workerStarted 2" }?.pid)
    }

    @Test func eachEventIsOneObjectOnOneLine() throws {
        let service = try Self.service()
        let follower = try service.starting("events")
        #expect(try follower.output.next()?.contains("following") == true)
        let script = "printf 'two\\nlines\\n\"quoted\"'; exit 5"
        #expect(try service.relevo("upgrade", "--", "/bin/sh", "-c", script).exit == .code(1))
        try service.relevo("stop", "--drain-timeout", "0")
        let lines = try follower.output.rest()
        #expect(lines.count > 3)
        for line in lines {
            #expect(line.hasPrefix("{") && line.hasSuffix("}"))
            #expect(throws: Never.self) { try Self.decode(line) }
        }
    }

    @Test func aFollowerThatGoesAwayEndsQuietly() throws {
        let service = try Self.service()
        let follower = try Finished.running([
            "sh", "-c", "\"$0\" events --control \"$1\" | head -n 1",
            try Programs.path("relevo"), service.control,
        ])
        #expect(follower.exit == .code(0))
        #expect(follower.errors == [])
        #expect(follower.output.count == 1)
        #expect(follower.output.first?.contains("\"following\"") == true)
    }

    @Test func theStatusHasTheKeysOfTheContract() throws {
        let service = try Self.service()
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        let text = try service.relevo("status", "--json").text
        let status = try JSONDecoder().decode(JSONKeys.self, from: Data(text.utf8))
        #expect(
            status.paths.isSuperset(of: [
                "name", "pid", "version", "current", "handover", "listeners.address",
                "listeners.steering", "listeners.counters.datagrams", "listeners.counters.pinned",
                "listeners.counters.newFlows", "listeners.counters.fallback",
                "listeners.counters.evicted", "listeners.counters.unrecorded",
                "listeners.counters.drops", "generations.id",
                "generations.state", "generations.command", "generations.flows",
                "generations.workers.index", "generations.workers.pid",
                "generations.workers.state", "generations.workers.restarts", "lastHandover.from",
                "lastHandover.to", "lastHandover.result", "lastHandover.reason",
                "lastHandover.phases.start", "lastHandover.phases.ready",
                "lastHandover.phases.flip", "lastHandover.phases.drain",
                "lastHandover.phases.retire", "lastHandover.cutFlows", "lastHandover.drops",
                "lastHandover.cutOutside.connections", "lastHandover.cutOutside.connected",
                "lastHandover.cutOutside.ports", "generations.outside",
            ]), "\(status.paths.sorted())")
    }
}
