import ControlClient
import Kernel
import Testing

@testable import relevo

/// What a user is told when a command over ssh comes to nothing.
struct RemoteEndTests {
    private func failure(_ exit: ProcessExit?, _ lines: String...) throws -> Failure {
        try RemoteEnd(host: RemoteHost("dns1"), exit: exit, lines: lines).failure
    }

    @Test func whatRelevoSaysOverThereIsSaidWithItsHostAndItsExitCode() throws {
        let gone = try failure(.code(69), "Welcome", "relevo: no supervisor runs 'a'")
        #expect(gone == Failure(.unavailable, "dns1: no supervisor runs 'a'"))
        #expect(try failure(.code(77), "relevo: denied").status == .permission)
        #expect(try failure(.code(99), "relevo: odd").status == .failed)
    }

    @Test func anOlderRelevoOverThereIsNamedAsWhatIsInTheWay() throws {
        let old = try failure(
            .code(64), "relevo: there is no command 'bridge'; see relevo --help")
        #expect(old.status == .unavailable && old.message.contains("older than -H"))
    }

    @Test func eachEndOfSSHHasItsSentence() throws {
        let none = try failure(.code(127), "sh: 1: relevo: not found")
        #expect(none.status == .unavailable && none.message.contains("relevo is not there"))
        let key = try failure(.code(255), "@@@@", "Host key verification failed.")
        #expect(key.status == .unavailable && key.message.contains("host key"))
        let denied = try failure(.code(255), "me@dns1: Permission denied (publickey).")
        #expect(denied.status == .permission && denied.message.hasSuffix("(publickey)."))
        let refused = try failure(.code(255), "ssh: connect to host dns1 port 22: refused")
        #expect(refused.status == .unavailable && refused.message.contains("port 22"))
        let interrupted = try failure(.signal(SignalNumber.interrupt, dumpedCore: false))
        #expect(interrupted.status == .interrupted)
        #expect(try failure(nil).status == .unavailable)
    }

    @Test func muchThatIsSaidIsKeptInPart() {
        var complaints = Complaints()
        complaints.add(Array("one\r\ntw\u{1b}[2Jo\nthree".utf8))
        complaints.close()
        #expect(complaints.lines == ["one", "tw[2Jo", "three"])
        complaints.add([UInt8](repeating: 0x61, count: 1 << 20))
        complaints.close()
        #expect(complaints.lines.last.map { $0.utf8.count <= 16_384 } == true)
    }

    @Test func theHostMayStandBeforeTheCommand() {
        #expect(
            HostArguments.moved(["-H", "h", "flows", "end", "a:1"])
                == ["flows", "end", "a:1", "-H", "h"])
        #expect(
            HostArguments.moved(["--host=h", "upgrade", "--", "x"])
                == ["upgrade", "--host=h", "--", "x"])
        #expect(HostArguments.moved(["status", "-H", "h"]) == ["status", "-H", "h"])
        #expect(HostArguments.moved(["-H"]) == ["-H"])
    }

    @Test(arguments: ["check-settings", "run", "init", "wrap", "bridge", "doctor"])
    func whatWorksOnFilesHereIsRefusedWithWhatToDo(_ command: String) {
        #expect {
            try HostArguments.check([command, "-H", "h"])
        } throws: {
            ($0 as? Failure)?.message.contains("ssh h relevo \(command)") == true
        }
        #expect(throws: Never.self) { try HostArguments.check([command, "--", "-H", "h"]) }
    }
}
