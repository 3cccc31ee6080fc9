import ControlProtocol
import Kernel
import TestKit
import Testing

/// A rollback goes to any generation that the history knows, and to no other program than it ran.
@Suite(.ownNetwork, .needsRoot)
struct RollbackToTests {
    private static let options = ["--listen", "udp://127.0.0.1:4433", "--linger", "0"]
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A script that says its version, and serves.
    private func write(_ name: String, _ version: Int) throws -> String {
        let path = folder.file(name)
        let echo = try Programs.path("relevo-load")
        let text = "#!/bin/sh\necho version \(version)\nexec \(echo) serve\n"
        try writeFile(path + ".new", Array(text.utf8), mode: 0o755)
        try renameFile(path + ".new", to: path)
        return path
    }

    /// A service with three generations, of which the third one is current and the others have ended.
    private func service() throws -> Service {
        let service = try Service.current(Self.options, command: [try write("v1", 1)])
        for version in [2, 3] {
            let upgrade = try service.relevo(
                "upgrade", "--wait", "drained", "--", try write("v\(version)", version))
            #expect(upgrade.exit == .code(0), "\(upgrade)")
        }
        return service
    }

    @Test func aGenerationOfLongAgoIsStartedAgain() throws {
        let service = try service()
        let rollback = try service.relevo("rollback", "--to", "1", "--message", "back to the roots")
        #expect(rollback.exit == .code(0), "\(rollback)")
        #expect(try service.says("[4.0] version 1"))
        let last = try service.status()
        #expect(last.current == 4)
        #expect(last.generations.last?.origin?.message == "back to the roots")
        #expect(try service.ended(3))
        let list = try service.relevo("history")
        #expect(list.output.last?.contains("3 → 4") == true, "\(list.text)")
    }

    @Test func anotherProgramThanItRanIsNotStarted() throws {
        let service = try service()
        _ = try write("v1", 7)
        let other = try service.relevo("rollback", "--to", "1")
        #expect(other.failed(1, saying: "which is another file now (SHA-256 "), "\(other)")
        try removeFile(folder.file("v1"))
        let gone = try service.relevo("rollback", "--to", "1")
        #expect(gone.failed(1, saying: "which is not there any more"), "\(gone)")
        #expect(try service.status().generations.map(\.id).last == 3)
        // The same contents under that name again are the same version.
        _ = try write("v1", 1)
        #expect(try service.relevo("rollback", "--to", "1").exit == .code(0))
        #expect(try service.says("[4.0] version 1"))
    }

    @Test func whatIsHeldStillIsRunWhateverHasItsName() throws {
        let path = try write("server", 1)
        let service = try Service.current(Self.options, command: [path])
        _ = try write("server", 2)
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.says("[2.0] version 2"))
        #expect(try service.relevo("rollback", "--to", "1").exit == .code(0))
        #expect(try service.says("[3.0] version 1"))
    }

    @Test func whatDrainsIsCurrentAgain() throws {
        let service = try Service.current(
            Self.options + ["--drain-timeout", "60s"], command: try Programs.echo())
        let load = try service.load(["--flows", "5", "--rate", "100"])
        #expect(try service.receives(50))
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try service.relevo("rollback", "--to", "1").exit == .code(0))
        #expect(try service.status().current == 1)
        #expect(try load.stopped().isAnswered(by: 1))
    }

    @Test func whoIsUnknownOrNeverServedIsRefused() throws {
        let service = try Service.current(Self.options, command: try Programs.echo())
        #expect(try service.relevo("upgrade", "--", "/bin/false").exit == .code(1))
        let failed = try service.relevo("rollback", "--to", "2")
        #expect(failed.failed(1, saying: "generation 2 never became current: "), "\(failed)")
        let unknown = try service.relevo("rollback", "--to", "9")
        #expect(unknown.failed(1, saying: "generation 9 is not in the history"), "\(unknown)")
        let current = try service.relevo("rollback", "--to", "1")
        #expect(current.failed(1, saying: "generation 1 is current"), "\(current)")
        #expect(try service.relevo("rollback", "--to", "0").exit == .code(64))
    }

    @Test func oneOfAnEarlierLifeIsStartedAndCalledSo() throws {
        let service = try service()
        #expect(try service.relevo("stop").exit == .code(0))
        _ = try service.process.exit()
        try service.resume(["--drain-timeout", "7s"])
        #expect(try service.line(with: "new flows go to generation 1") != nil)
        #expect(try eventually { try service.relevo("history").output.count == 5 })
        let rollback = try service.relevo("rollback", "--to", "3")
        #expect(rollback.exit == .code(0), "\(rollback)")
        #expect(rollback.text.contains("before the service was started last"), "\(rollback.text)")
        #expect(rollback.text.contains("DrainTimeout=7s now"), "\(rollback.text)")
        #expect(try service.says("[2.0] version 3"))
    }

    /// The second version says itself when it is ready, which the first one never does.
    @Test func itsSettingsComeWithIt() throws {
        let (file, first) = (folder.file("echo.conf"), folder.file("v1"))
        let echo = try Programs.path("relevo-load")
        let text = "#!/bin/sh\necho version 1\nunset NOTIFY_SOCKET\nexec \(echo) serve\n"
        try writeFile(first, Array(text.utf8), mode: 0o755)
        func configure(_ lines: String...) throws {
            let all =
                ["[Service]", "Name=echo", "Command=\(first)", "Linger=0"] + lines
                + ["[Listener]", "Address=udp://127.0.0.1:4433"]
            try writeFile(file, Array(all.joined(separator: "\n").utf8))
        }
        try configure("ReadyTimeout=7s", "DrainTimeout=1min")
        let service = try Service.current(["--config", file], command: [])
        try configure("ReadyTimeout=8s", "Ready=notify", "DrainTimeout=1min")
        let upgrade = try service.relevo("upgrade", "--wait", "drained", "--", echo, "serve")
        #expect(upgrade.exit == .code(0), "\(upgrade)")
        let rollback = try service.relevo("rollback", "--to", "1", "--wait", "drained")
        #expect(rollback.exit == .code(0), "\(rollback)")
        #expect(
            rollback.text.contains(
                "Ready=, ReadyTimeout= as with generation 1, until an upgrade follows"),
            "\(rollback.text)")
        #expect(try service.says("[3.0] version 1"))
        #expect(try service.relevo("history", "3").text.contains("ReadyTimeout=7s"))
        // The file says otherwise, and that is told; another upgrade follows it.
        #expect(try service.status().changedSettings == ["Ready=", "ReadyTimeout="])
        #expect(try service.relevo("upgrade", "--", echo, "serve").exit == .code(0))
        #expect(try service.relevo("history", "4").text.contains("ReadyTimeout=8s"))
        #expect(try service.status().changedSettings?.isEmpty ?? true)
    }
}
