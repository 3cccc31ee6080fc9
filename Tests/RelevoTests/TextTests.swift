import ControlProtocol
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

    @Test func theEndOfADrainIsGuessedFromItsPace() {
        var text = OperationText()
        func at(_ seconds: Double, _ flows: Int) -> String {
            text.passing(
                OperationProgress(
                    phase: .drain, over: false, generation: 1, seconds: seconds, flowsLeft: flows,
                    secondsLeft: 60))
        }
        #expect(at(1, 100) == "generation 1: drain, 100 flows left, at most 1 min")
        #expect(at(3, 50) == "generation 1: drain, 50 flows left, about 2.0 s, at most 1 min")
        #expect(at(4, 120) == "generation 1: drain, 120 flows left, at most 1 min")
    }

    @Test func whatIsLeftOfADrainIsToldByKind() {
        var text = OperationText()
        func at(_ seconds: Double, _ flows: Int, _ outside: OutsideStatus) -> String {
            text.passing(
                OperationProgress(
                    phase: .drain, over: false, generation: 1, seconds: seconds, flowsLeft: flows,
                    outsideLeft: outside))
        }
        #expect(
            at(1, 2, OutsideStatus(connections: 5, connected: 2, ports: 1))
                == "generation 1: drain, 2 flows, 5 connections, 2 connected sockets, 1 own port left"
        )
        #expect(
            at(2, 0, OutsideStatus(connections: 5))
                == "generation 1: drain, 0 flows, 5 connections left, about 1.0 s")
    }

    @Test func aTableIsAsWideAsItsContents() {
        var table = Table(("A", .left), ("LONG", .right), ("C", .left))
        table.add("wide cell", "1", "")
        #expect(table.lines(styled: false) == ["A          LONG  C", "wide cell     1"])
        #expect(table.lines(styled: true).first == "\u{1b}[1mA          LONG  C\u{1b}[0m")
    }

    @Test(
        arguments: [
            (nil, nil, .start, "starting"), (1, nil, .start, "generation 1 serves"),
            (1, 2, .start, "generation 1 serves, 2 starts"),
            (2, 2, .drain, "generation 2 serves, 1 drains"),
            (1, 2, .drain, "generation 1 serves, 2 drains"),
        ] as [(Int?, Int?, HandoverPhase, String)])
    func theStateIsSaidInAFewWords(
        current: Int?, to: Int?, phase: HandoverPhase, text: String
    ) {
        let status = ServiceStatus(
            name: "x", pid: 1, current: current, listeners: [], generations: [],
            handover: to.map { HandoverStatus(from: 1, to: $0, phase: phase, seconds: 1) })
        #expect(StatusText.state(of: status) == text)
    }
}
