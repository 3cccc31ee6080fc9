import TestKit
import Testing

@testable import Kernel

@Suite(.leavesNoDescriptors) struct ProcessUseTests {
    private func line(name: String = "dnsd", state: String = "S", user: String = "150") -> [UInt8] {
        let rest =
            "1 7 7 0 -1 4194304 1 2 3 4 \(user) 50 900 900 20 0 4 0 99 123456 25 18446744073709551615"
        return Array("42 (\(name)) \(state) \(rest) 1 2 3\n".utf8)
    }

    @Test(arguments: ["dnsd", "a) R 1 1 1", "(((", ") ", ""])
    func theFiguresAreThoseBehindTheName(name: String) {
        let use = ProcessUse(stat: line(name: name), ticks: 100, page: 4096)
        #expect(use == ProcessUse(processorTime: .seconds(2), residentBytes: 102_400))
    }

    @Test(arguments: ["Z", "X"]) func oneThatHasEndedTakesNothing(state: String) {
        #expect(ProcessUse(stat: line(state: state), ticks: 100, page: 4096) == nil)
    }

    @Test func whatIsNoSuchLineTellsNothing() {
        #expect(ProcessUse(stat: line(user: "x"), ticks: 100, page: 4096) == nil)
        #expect(ProcessUse(stat: line(user: "-1"), ticks: 100, page: 4096) == nil)
        let whole = line()
        for length in 0..<whole.count - 30 {
            #expect(ProcessUse(stat: Array(whole.prefix(length)), ticks: 100, page: 4096) == nil)
        }
    }

    @Test func aProcessThatWorksTakesTimeAndMemoryUntilItHasEnded() throws {
        let worker = try TestProcess(["/bin/sh", "-c", "while :; do :; done"])
        let handle = try ProcessHandle(opening: worker.pid)
        func use(of pid: Int32) -> ProcessUse? { handle.use(asNumber: pid) }
        let half = Duration.milliseconds(50)
        #expect(try eventually { (use(of: worker.pid)?.processorTime ?? .zero) >= half })
        let found = try #require(use(of: worker.pid))
        #expect(100_000..<100_000_000 ~= found.residentBytes)
        try worker.signal(9)
        _ = try worker.exit()
        #expect(use(of: worker.pid) == nil)
        // The number may be another's by then.
        #expect(use(of: ProcessView.own) == nil)
    }
}
