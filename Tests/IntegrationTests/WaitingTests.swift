import ControlProtocol
import Kernel
import TestKit
import Testing

/// `relevo wait` and `relevo events` of all services, as scripts use them.
@Suite(.ownNetwork, .needsRoot)
struct WaitingTests {
    private func options(_ more: [String] = []) -> [String] {
        ["--name", "run", "--listen", "udp://127.0.0.1:4433", "--idle-timeout", "2s"] + more
    }

    private let command = BindingWorker.command("serve(udp())")

    @Test func aServiceIsWaitedForUntilItIsReady() throws {
        let hold = try Hold()
        try hold.set()
        let service = try Service(options(hold.options()), command: command)
        let waiting = try service.starting("wait", "--for", "ready", "--json")
        let late = try service.relevo("wait", "--for", "current", "--timeout", "300ms")
        #expect(late.exit == .code(1) || late.exit == .code(69), "\(late)")
        #expect(late.errors.count == 1)
        try hold.release()
        let done = try waiting.finished()
        #expect(done.exit == .code(0), "\(done)")
        #expect(done.output.first == "{" && done.output.contains(#"  "current": 1,"#))
    }

    @Test(.needsFlowSteering) func theEndOfADrainIsWaitedFor() throws {
        let service = try Service.current(options(), command: command)
        let client = try Question(to: .loopback(port: 4433))
        #expect(try client.ask()?.hasPrefix("1.0 on") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
        let early = try service.relevo("wait", "--for", "drained", "--timeout", "100ms")
        #expect(early.exit == .code(1))
        #expect(early.errors.first?.contains("not drained within 100ms: run: ") == true)
        #expect(try service.relevo("wait", "--for", "current").exit == .code(0))
        #expect(try service.relevo("wait", "--for", "drained").exit == .code(0))
        #expect(try service.status().handover == nil)
        #expect(try service.relevo("wait", "--for", "idle").exit == .code(0))
    }

    @Test func nobodyIsThere() throws {
        let folder = try TemporaryFolder()
        let said = try Finished.running(
            [
                try Programs.path("relevo"), "wait", "--for", "ready", "--timeout", "100ms",
                "--control", folder.file("control"),
            ])
        #expect(said.exit == .code(69))
    }

    @Test func eventsOfAllServicesHaveTheirNames() throws {
        let service = try Service.current(options(), command: command)
        let text = try service.starting("events", "--all", "--text")
        let json = try service.starting("events", "--all")
        #expect(
            try text.output.next(where: { $0.hasPrefix("run: ") && $0.contains("1 is current") })
                != nil)
        let first = try json.output.next(where: { $0.hasPrefix(#"{"service":"run","time":""#) })
        #expect(first != nil)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try text.output.next(where: { $0.contains("new flows go to generation 2") }) != nil)
        #expect(try json.output.next(where: { $0.contains(#""kind":"handoverStarted""#) }) != nil)
        for process in [text, json] {
            try process.signal(SignalNumber.interrupt)
            #expect(try process.exit() == .code(0))
        }
    }
}
