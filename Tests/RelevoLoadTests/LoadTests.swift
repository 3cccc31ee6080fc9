import Kernel
import TestKit
import Testing

/// Loads of this program on servers of this program, over the real loopback.
@Suite struct LoadTests {
    @Test func nothingIsLostOnAHealthyServer() throws {
        let echo = try EchoFixture()
        let server = try echo.server(environment: ["RELEVO_GENERATION=4"])
        let result = try echo.load(
            "--flows", "200", "--rate", "3000", "--duration", "500ms", "--open-rate", "200")
        #expect(result.ok)
        #expect(result.faults == [])
        #expect(result.answered == result.sent)
        #expect(result.generations == ["4": result.sent])
        #expect(result.flows > 250)
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit() == .code(0))
    }

    @Test func flowsOverIPv6HaveSocketsOfTheirOwn() throws {
        let echo = try EchoFixture(.loopback6())
        let server = try echo.server()
        let result = try echo.load(
            "--flows", "50", "--rate", "1000", "--duration", "300ms", "--open-rate", "100")
        #expect(result.ok)
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit() == .code(0))
    }

    @Test func whatNobodyAnswersIsLost() throws {
        let echo = try EchoFixture()
        let server = try echo.server("--answer", "no")
        let result = try echo.load("--rate", "500", "--duration", "200ms", "--timeout", "100ms")
        #expect(!result.ok)
        #expect(result.sent > 0)
        #expect(result.lost == result.sent)
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit() == .code(0))
    }

    @Test func whatNobodyListensToIsRefusedAndTheExitCodeIsOne() throws {
        let address = try EchoFixture().address
        let finished = try Finished.running([
            try Programs.path("relevo-load"), "send", "--to", address, "--rate", "500",
            "--duration", "200ms", "--timeout", "200ms",
        ])
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("FAILED"))
        #expect(finished.text.contains(" refused"))
    }

    /// Lets a server answer every flow of a load that has just been started, then ends it.
    private func answerOnce(_ echo: EchoFixture, by server: TestProcess) throws {
        try server.signal(19)  // SIGSTOP
        // More than twenty datagrams, whatever the kernel charges for one.
        #expect(try eventually { try echo.socket.memory().receiveAllocated > 100_000 })
        try server.signal(18)  // SIGCONT
        #expect(try eventually { try echo.socket.memory().receiveAllocated == 0 })
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit() == .code(0))
    }

    @Test func aServerThatIsReplacedHasForgottenItsFlows() throws {
        let echo = try EchoFixture()
        let first = try echo.server()
        let load = try Load(
            to: echo.address, ["--flows", "20", "--rate", "1000", "--duration", "10s"])
        try answerOnce(echo, by: first)
        let second = try echo.server()
        let result = try load.result()
        #expect(result.lost == 0)
        #expect(result.stateGone > 0)
        #expect(result.moved == 0)
        #expect(!result.ok)
        try second.signal(SignalNumber.terminate)
        #expect(try second.exit() == .code(0))
    }

    @Test func flowsThatAnotherGenerationAnswersHaveMoved() throws {
        let echo = try EchoFixture()
        let first = try echo.server(environment: ["RELEVO_GENERATION=1"])
        let load = try Load(
            to: echo.address, ["--flows", "20", "--rate", "1000", "--duration", "10s"])
        try answerOnce(echo, by: first)
        let second = try echo.server(environment: ["RELEVO_GENERATION=2"])
        let result = try load.result()
        #expect(result.lost == 0)
        #expect(result.moved == 20)
        #expect(result.misrouted == 20)
        try second.signal(SignalNumber.terminate)
        #expect(try second.exit() == .code(0))
    }

    @Test(arguments: [
        ["--flows", "0"], ["--rate", "-1"], ["--size", "5"], ["--dns", "a..b"],
        ["--to", "nowhere"],
    ])
    func wrongOptionsAreUsageErrors(options: [String]) throws {
        let to = options.contains("--to") ? [] : ["--to", "127.0.0.1:9"]
        let finished = try Finished.running(
            [try Programs.path("relevo-load"), "send"] + to + options)
        #expect(finished.exit == .code(64))
    }
}
