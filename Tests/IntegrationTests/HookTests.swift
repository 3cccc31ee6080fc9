import ControlProtocol
import Kernel
import TestKit
import Testing

/// Commands that are told of handovers.
@Suite(.ownNetwork) struct HookTests {
    /// Writes what it is told as one line, whole.
    private static func tell(_ file: String, _ occasions: [String]) -> [String] {
        let script =
            "echo $RELEVO_HANDOVER:$RELEVO_HOOK $RELEVO_SERVICE $RELEVO_GENERATION from=$RELEVO_FROM "
            + "now=$RELEVO_CURRENT $RELEVO_CAUSE $RELEVO_RESULT $RELEVO_MESSAGE >> \(file)"
        return occasions.flatMap { ["--hook", "\($0) /bin/sh -c '\(script)'"] }
    }

    private func lines(_ file: String, _ count: Int) throws -> [String] {
        var found: [String] = []
        _ = try eventually {
            guard try FileStatus(of: file) != nil else { return false }
            found = String(decoding: try readFile(file), as: UTF8.self)
                .split(separator: "\n").map(String.init)
            return found.count >= count
        }
        return found
    }

    @Test func anUpgradeAndARollbackAreToldInTheirOrder() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("told")
        let all = ["ready", "flipped", "drained", "failed", "rolledback"]
        let service = try Service.current(
            quick + Self.tell(file, all), command: try echo())
        #expect(
            try lines(file, 2) == [
                "1:ready relevo-load 1 from= now=1", "1:flipped relevo-load 1 from= now=1",
            ])
        #expect(try service.relevo("upgrade", "--message", "new", "--wait", "drained").succeeded)
        #expect(
            try lines(file, 5).dropFirst(2) == [
                "2:ready relevo-load 2 from= now=2 new",
                "2:flipped relevo-load 2 from=1 now=2 new",
                "2:drained relevo-load 1 from= now=2 idle",
            ])
        let bad = try service.relevo(
            "upgrade", "--", try Programs.path("relevo-load"), "serve", "--exit-at-once", "3")
        #expect(bad.failed(1, saying: "relevo history 3 has its course"), "\(bad)")
        #expect(
            try lines(file, 6).last == "3:failed relevo-load 3 from=2 now=2 failed")
    }

    @Test func oneThatHangsHoldsUpNoHandoverAndOneThatFailsIsTold() throws {
        let folder = try TemporaryFolder()
        let gate = folder.file("gate")
        let script = "mkfifo \(gate); echo no >&2; cat <\(gate); exit 7"
        let service = try Service.current(
            quick + ["--hook", "ready /bin/sh -c '\(script)'"], command: try echo())
        // It waits for somebody to open its pipe, and the service serves and is upgraded.
        #expect(try service.relevo("upgrade").succeeded)
        #expect(try service.status().current == 2)
        #expect(try eventually { try FileStatus(of: gate) != nil })
        let writer = try TestProcess(["/bin/sh", "-c", ": > \(gate)"])
        #expect(try writer.exit() == .code(0))
        #expect(
            try service.line(with: "hook ready (/bin/sh) ended with code 7: no") != nil)
    }

    @Test func whoHasLostTheNewFlowsIsToldWithTheHandoverThatHadBroughtThem() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("told")
        let service = try Service.current(
            quick + ["--drain-timeout", "60s"] + Self.tell(file, ["rolledback"]),
            command: try echo())
        let load = try service.load(lastingFlows)
        #expect(try service.relevo("upgrade", "--message", "new").succeeded)
        // The number is the same one for a supervisor that comes after.
        try service.succeed()
        let answer = try service.relevo("rollback", "--json")
        #expect(answer.exit == .code(0) && answer.text.contains(#""handover": 2"#), "\(answer)")
        let told = try #require(try lines(file, 1).first)
        #expect(
            told.hasPrefix("2:rolledback relevo-load 2 from= now=1 rolledBack"), "\(told)")
        #expect(try load.stopped().isAnswered(by: 1))
        let next = try service.relevo("upgrade", "--json")
        #expect(next.exit == .code(0) && next.text.contains(#""handover": 3"#), "\(next)")
    }

    @Test func oneThatDoesNotEndIsKilledWithAllThatItHasStarted() throws {
        let folder = try TemporaryFolder()
        let gate = folder.file("gate")
        let child = folder.file("child")
        // Nobody ever opens the pipe.
        let script = "mkfifo \(gate); cat <\(gate) & echo $! >\(child); wait"
        let service = try Service.current(
            quick + [
                "--hook-timeout", "1s", "--hook", "ready /bin/sh -c '\(script)'",
                "--hook", "flipped /bin/true",
            ], command: try echo())
        #expect(
            try service.line(with: "hook ready (/bin/sh) has not ended within 1.0 seconds") != nil)
        let pid = String(decoding: try readFile(child), as: UTF8.self)
        let process = "/proc/\(pid.split(separator: "\n").first ?? "")"
        #expect(try eventually { try FileStatus(of: process) == nil })
        #expect(try service.relevo("upgrade").succeeded)
    }
}
