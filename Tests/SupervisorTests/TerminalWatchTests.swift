import Testing

@testable import Supervisor

struct TerminalWatchTests {
    /// What a watch says of hang-ups one after the other.
    private func judge(
        hasTerminal: Bool, _ hangUps: (isKernels: Bool, isThere: Bool, seconds: Int)...
    ) -> [Bool] {
        var watch = TerminalWatch(hasTerminal: hasTerminal)
        return hangUps.map {
            watch.isItsEnd(isKernels: $0.isKernels, isThere: $0.isThere, at: .seconds($0.seconds))
        }
    }

    @Test func aTerminalThatGoesAwayAsksForNothing() {
        // The first and the last are meant; in between the shell passes the kernel's signal on.
        #expect(
            judge(
                hasTerminal: true, (false, true, 1), (true, false, 5), (false, false, 6),
                (false, false, 8)) == [false, true, true, false])
    }

    @Test func aShellThatLosesItsTerminalAsksForNothing() {
        #expect(
            judge(hasTerminal: true, (false, false, 5), (false, false, 9)) == [true, false])
    }

    @Test func withoutATerminalEveryHangUpIsMeant() {
        #expect(judge(hasTerminal: false, (false, false, 1)) == [false])
    }
}
