import Testing

@testable import ServiceCore

@Suite struct FailureHintTests {
    private func hint(_ line: String, reason: String = "", isAlone: Bool = false) -> String? {
        FailureHint(reason: reason, lines: ["starting", line], isAlone: isAlone)?.text
    }

    @Test func aLockOfTheOldGenerationIsKnownByItsWords() {
        #expect(hint("FATAL: Another instance is running")?.contains("--private") == true)
        #expect(hint("could not lock /run/x.pid")?.contains("--overlap no") == true)
        #expect(hint("could not lock /run/x.pid", isAlone: true) == nil)
    }

    @Test func anAddressThatIsTakenIsToBeAdopted() {
        #expect(hint("bind: Address already in use")?.contains("--adopt") == true)
        #expect(hint("Error: listen EADDRINUSE :::53", isAlone: true)?.contains("--adopt") == true)
    }

    @Test func anEndWithoutAComplaintIsADaemons() {
        let reason = "worker 0 exited with status 0 before its generation was ready"
        #expect(hint("", reason: reason)?.contains("foreground") == true)
        #expect(hint("", reason: "worker 0 exited with status 3 before") == nil)
    }
}
