import Glibc
import Kernel
import SystemPackage
import Testing

@Suite struct CheckTests {
    @Test func anInterruptedCallIsMadeAgain() throws {
        var calls = 0
        let result = try check("read") { () -> Int32 in
            calls += 1
            if calls < 3 { errno = EINTR }
            return calls < 3 ? -1 : 5
        }
        #expect(result == 5)
        #expect(calls == 3)
    }

    @Test func aFailureTellsTheCallTheSubjectAndTheReason() {
        let error = #expect(throws: KernelError.self) {
            try check("bind", on: "udp://0.0.0.0:53") { () -> Int32 in
                errno = EACCES
                return -1
            }
        }
        #expect(error?.description == "bind udp://0.0.0.0:53: Permission denied")
    }

    @Test func blockingIsAnAnswer() throws {
        let answer = try checkUnlessBlocked("recv") { () -> Int in
            errno = EAGAIN
            return -1
        }
        #expect(answer == nil)
    }

    /// The test library looks for its own child among all that have ended, and would never see it
    /// behind one that another test is not done with: Tests/run runs it by itself.
    @Test(.enabled(if: Environment.value(of: "RELEVO_TEST_TRAPS") != nil, "run by itself"))
    func aBadDescriptorIsABugAndTraps() async {
        await #expect(processExitsWith: .failure) {
            _ = try check("read") { () -> Int32 in
                errno = EBADF
                return -1
            }
        }
    }
}
