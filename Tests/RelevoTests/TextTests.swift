import ControlProtocol
import Kernel
import Testing

@testable import relevo

struct TextTests {
    @Test(arguments: [
        (0, "0 µs"), (0.00004, "40 µs"), (0.0009996, "1.0 ms"), (0.0031, "3.1 ms"),
        (0.041, "41 ms"), (0.9996, "1.0 s"),
        (1.55, "1.6 s"), (59.96, "1 min"), (303, "5 min 3 s"), (3600, "1 h"), (7500, "2 h 5 min"),
        (-1, "?"), (.infinity, "?"), (1e300, "?"),
    ])
    func timesAreShort(seconds: Double, text: String) {
        #expect(TimeText.short(seconds) == text)
    }

    @Test(arguments: [
        (0, 0, "0"), (42.4, 0, "42"), (999.5, 0, "1000"), (-0.4, 0, "0"), (-2.6, 0, "-3"),
        (0.05, 2, "0.05"), (-1.5, 1, "-1.5"), (-0.01, 1, "0.0"), (1e300, 0, "?"),
    ])
    func aNumberHasSoManyDigits(value: Double, digits: Int, text: String) {
        #expect(TimeText.fixed(value, digits) == text)
    }

    @Test func aLongUsageIsWrappedBetweenItsOptions() {
        let help =
            "OVERVIEW: x\n\nUSAGE: relevo stop [<service>] [--name <name>] -- [<command> ...]\n\nEND"
        #expect(UsageText.wrapped(help, width: 80) == help)
        #expect(
            UsageText.wrapped(help, width: 40) == """
                OVERVIEW: x

                USAGE: relevo stop [<service>]
                         [--name <name>] --
                         [<command> ...]

                END
                """)
    }

    @Test func theLikelyEndOfADrainIsToldBesideItsDeadline() {
        let text = OperationText()
        func told(_ likely: Double?) -> String {
            text.passing(
                OperationProgress(
                    phase: .drain, over: false, generation: 1, seconds: 3, flowsLeft: 50,
                    secondsLeft: 60, secondsLikely: likely))
        }
        #expect(told(nil) == "generation 1: drain, 50 flows left, end unknown, at most 1 min")
        #expect(told(2) == "generation 1: drain, 50 flows left, about 2.0 s, at most 1 min")
    }

    @Test func whatIsLeftOfADrainIsToldByKind() {
        let text = OperationText()
        func at(_ seconds: Double, _ flows: Int, _ outside: OutsideStatus) -> String {
            text.passing(
                OperationProgress(
                    phase: .drain, over: false, generation: 1, seconds: seconds, flowsLeft: flows,
                    outsideLeft: outside))
        }
        #expect(
            at(1, 2, OutsideStatus(connections: 5, connected: 2, ports: 1))
                == "generation 1: drain, 2 flows, 5 connections, 2 connected sockets, 1 own port left, end unknown"
        )
        #expect(
            at(2, 0, OutsideStatus(connections: 5))
                == "generation 1: drain, 0 flows, 5 connections left, end unknown")
    }

    @Test func aTableIsAsWideAsItsContents() {
        var table = Table(("A", .left), ("LONG", .right), ("C", .left))
        table.add("wide cell", "1", "")
        #expect(table.lines(styled: false) == ["A          LONG  C", "wide cell     1"])
        #expect(table.lines(styled: true).first == "\u{1b}[1mA          LONG  C\u{1b}[0m")
    }

    private static func generation(
        _ id: Int, _ state: GenerationState, _ workers: [WorkerStateName] = [.ready]
    ) -> GenerationStatus {
        GenerationStatus(
            id: id, state: state, command: ["server"], flows: 0,
            workers: workers.enumerated().map { index, state in
                WorkerStatus(index: index, pid: 1, state: state, restarts: 0)
            })
    }

    private static func status(
        _ current: Int?, to: Int? = nil, in phase: HandoverPhase = .start,
        _ generations: GenerationStatus...
    ) -> ServiceStatus {
        ServiceStatus(
            name: "x", pid: 1, current: current, listeners: [], generations: generations,
            handover: to.map { HandoverStatus(from: 1, to: $0, phase: phase, seconds: 1) })
    }

    @Test(
        arguments: [
            (status(nil, generation(1, .starting)), .down, "starting"),
            (status(nil), .down, "no generation runs"),
            (status(1, generation(1, .current)), .healthy, "generation 1 serves"),
            (
                status(1, generation(1, .current, [.restarting])), .down,
                "generation 1 does not serve, 0 of 1 workers ready"
            ),
            (
                status(1, generation(1, .current, [.failed, .ready])), .degraded,
                "generation 1 serves, 1 of 2 workers ready"
            ),
            (
                status(1, to: 2, generation(1, .current), generation(2, .starting)), .healthy,
                "generation 1 serves, 2 starts"
            ),
            (
                status(2, to: 2, in: .drain, generation(1, .draining), generation(2, .current)),
                .healthy, "generation 2 serves, 1 drains"
            ),
            (
                status(1, to: 2, in: .drain, generation(1, .current), generation(2, .draining)),
                .healthy, "generation 1 serves, 2 drains"
            ),
            (
                status(2, generation(2, .draining)), .degraded,
                "stopping, generation 2 drains"
            ),
            (status(nil, generation(2, .retiring)), .down, "stopping, generation 2 drains"),
        ] as [(ServiceStatus, ServiceHealth, String)])
    func theStateIsSaidInAFewWordsAndJudged(
        status: ServiceStatus, health: ServiceHealth, text: String
    ) {
        #expect(status.summary == text)
        #expect(ServiceHealth(status) == health)
    }

    @Test func aServiceWhoseProgramOnDiskIsNewerIsDegraded() {
        var status = Self.status(1, Self.generation(1, .current))
        status.generations[0].program = ProgramStatus(
            path: "/d", since: 1, device: 1, inode: 2, size: 3, modified: "", script: false,
            held: true)
        #expect(ServiceHealth(status) == .healthy)
        status.generations[0].program?.changed = "/d was replaced"
        #expect(ServiceHealth(status) == .degraded)
    }

    @Test func librariesThatAreOthersOnDiskAreNamedAndDegradeNothing() {
        var status = Self.status(1, Self.generation(1, .current))
        status.generations[0].program = ProgramStatus(
            path: "/d", since: 1, device: 1, inode: 2, size: 3, modified: "", script: false,
            held: true, loadedNewer: [])
        func lines() -> [String] {
            StatusText.lines(status, styled: false, width: nil).filter { $0.contains("newer") }
        }
        #expect(lines() == [])
        status.generations[0].program?.loadedNewer = ["/lib/libssl.so.3", "/lib/liba.so"]
        let end = "; a worker that is started again takes what is there"
        #expect(lines() == ["  its libraries on disk are newer: libssl.so.3, liba.so" + end])
        status.generations[0].program?.loadedNewer?.append("/usr/bin/python3")
        #expect(
            lines() == [
                "  its interpreter or libraries on disk are newer: libssl.so.3, liba.so, python3"
                    + end
            ])
        #expect(ServiceHealth(status) == .healthy)
    }

    @Test func aServiceWhoseNewFlowsMayGoAstrayIsDegraded() {
        func listener(_ problems: [String], isHarmed: Bool) -> ListenerStatus {
            ListenerStatus(
                address: "udp://[::]:53", steering: "flow", counters: ListenerCounters(),
                problems: problems, isHarmed: isHarmed)
        }
        var status = Self.status(1, Self.generation(1, .current))
        status.listeners = [listener(["a stranger"], isHarmed: false)]
        #expect(ServiceHealth(status) == .healthy)
        #expect(status.problems == ["udp://[::]:53: a stranger"])
        status.listeners += [listener(["no program"], isHarmed: true)]
        #expect(ServiceHealth(status) == .degraded)
    }

    @Test func aTableFitsTheTerminal() {
        var table = Table(
            ("LISTENER", .left), ("FLOWS", .right), ("PINNED", .right), ("EVICTED", .right),
            ("COMMAND", .left))
        table.dispensable = ["PINNED", "EVICTED"]
        table.add("udp://[::]:53", "3", "0", "0", "/usr/bin/server --all of it")
        #expect(
            table.lines(styled: false, width: 80)[1]
                == "udp://[::]:53      3       0        0  /usr/bin/server --all of it")
        #expect(
            table.lines(styled: false, width: 50) == [
                "LISTENER       FLOWS  COMMAND",
                "udp://[::]:53      3  /usr/bin/server --all of it",
            ])
        #expect(
            table.lines(styled: false, width: 40)[1] == "udp://[::]:53      3  /usr/bin/server -…")
        table.add("udp://[::]:54", "3", "0", "1", "")
        #expect(
            table.lines(styled: false, width: 60)[0] == "LISTENER       FLOWS  EVICTED  COMMAND")
    }

    @Test func statesHaveTheirColourOnATerminalAlone() {
        let status = Self.status(1, Self.generation(1, .current, [.ready, .failed]))
        let plain = StatusText.lines(status, styled: false)
        #expect(plain.allSatisfy { !$0.contains("\u{1b}") })
        let lines = StatusText.lines(status, styled: true)
        #expect(lines.contains { $0.contains("\u{1b}[31mfailed\u{1b}[0m") }, "\(lines)")
        #expect(lines.contains { $0.contains("\u{1b}[32mcurrent\u{1b}[0m") }, "\(lines)")
    }

    @Test func bytesThatAreNoTextAreShownAsNumbers() {
        #expect(StatusText.printable(KeptText.text([0x63, 0xe9, 0x07])) == "c\\xE9\u{fffd}")
    }
}
