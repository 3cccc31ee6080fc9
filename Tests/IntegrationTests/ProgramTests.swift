import ControlProtocol
import Kernel
import TestKit
import Testing

/// A generation runs the file that it began with, whatever has its name by then.
@Suite(.ownNetwork, .needsRoot)
struct ProgramTests {
    private static let options = ["--listen", "udp://127.0.0.1:4433", "--linger", "0"]

    /// Puts another file of the same contents in the place of a name, as a package's upgrade does.
    private func install(_ program: String, as path: String) throws -> UInt64 {
        let copied = try Finished.running(["/bin/cp", program, path + ".new"])
        #expect(copied.exit == .code(0), "\(copied.errors)")
        try renameFile(path + ".new", to: path)
        return try #require(try FileStatus(of: path)).inode
    }

    /// The file that the worker of the current generation executes.
    private func inode(_ service: Service) throws -> UInt64? {
        let pid = try #require(try service.worker())
        return try FileStatus(of: "/proc/\(pid)/exe")?.inode
    }

    private func write(_ path: String, _ version: Int) throws {
        let echo = try Programs.path("relevo-load")
        let text =
            "#!/bin/sh\necho \"version \(version) as $(basename \"$0\")\"\nexec \(echo) serve\n"
        try writeFile(path + ".new", Array(text.utf8), mode: 0o755)
        try renameFile(path + ".new", to: path)
    }

    @Test func aReplacedBinaryIsRunByTheNextUpgradeAndByNothingElse() throws {
        let folder = try TemporaryFolder()
        let server = folder.file("server")
        let echo = try Programs.path("relevo-load")
        let first = try install(echo, as: server)
        let service = try Service.current(Self.options, command: [server, "serve"])
        #expect(try inode(service) == first)
        #expect(try service.generation(1)?.program?.changed == nil)
        let second = try install(echo, as: server)
        #expect(second != first)
        #expect(try service.generation(1)?.program?.changed?.contains(server) == true)
        #expect(try service.relevo("status").text.contains("its program on disk is newer"))

        try service.kill()
        #expect(try service.restarted())
        #expect(try inode(service) == first)
        let pid = try #require(try service.worker())
        #expect(try readFile("/proc/\(pid)/comm") == Array("server\n".utf8))

        let upgrade = try service.relevo("upgrade", "--message", "a new version")
        #expect(upgrade.exit == .code(0))
        #expect(!upgrade.text.contains("the same files"))
        #expect(try inode(service) == second)
        #expect(try service.generation(2)?.program?.changed == nil)
        #expect(try service.generation(2)?.origin?.message == "a new version")
        #expect(try service.generation(2)?.origin?.uid == 0)
        #expect(try service.ended(1))

        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try service.status().current == 3)
        #expect(try inode(service) == first)
        #expect(try service.generation(3)?.program?.since == 1)
        #expect(try service.generation(3)?.program?.inode == Int(first))
        #expect(try service.ended(2))

        // It is held by those who outlive the supervisor.
        try service.succeed()
        try service.kill()
        #expect(try service.restarted())
        #expect(try inode(service) == first)
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try inode(service) == second)
    }

    @Test func aProgramThatWasRemovedIsRolledBackToAfterACrashOfTheSupervisor() throws {
        let folder = try TemporaryFolder()
        let server = folder.file("server")
        let echo = try Programs.path("relevo-load")
        let first = try install(echo, as: server)
        let service = try Service.current(Self.options, command: [server, "serve"])
        #expect(
            try service.relevo("upgrade", "--wait", "drained", "--", echo, "serve").exit == .code(0)
        )
        try removeFile(server)
        try service.succeed()
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try inode(service) == first)
        #expect(try service.generation(3)?.program?.held == true)
    }

    @Test func aReplacedScriptIsRunUnderItsNameFromWhatIsHeld() throws {
        let folder = try TemporaryFolder()
        let server = folder.file("server")
        try write(server, 1)
        let service = try Service.current(Self.options, command: [server])
        #expect(try service.generation(1)?.program?.script == true)
        #expect(try service.generation(1)?.program?.sha256?.utf8.count == 64)
        #expect(try service.line(with: "version 1 as server") != nil)
        try write(server, 2)
        try service.kill()
        #expect(try service.restarted())
        #expect(try service.line(with: "version 1 as server") != nil)
        #expect(try service.line(with: "its interpreter and modules cannot be held") != nil)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try service.says("[2.0] version 2 as server"))
    }

    @Test func aRollbackToAScriptThatIsGoneSaysWhatItRuns() throws {
        let folder = try TemporaryFolder()
        let server = folder.file("server.sh")
        try write(server, 1)
        let service = try Service.current(Self.options, command: ["/bin/sh", server])
        try write(server, 2)
        let upgrade = try service.relevo("upgrade", "--wait", "drained")
        #expect(upgrade.exit == .code(0) && !upgrade.text.contains("held by nobody"))
        let rollback = try service.relevo("rollback")
        #expect(rollback.exit == .code(0))
        #expect(rollback.text.contains("\(server) is another file now"), "\(rollback.output)")
        #expect(rollback.text.contains("generation 3 runs what is there now"))
        #expect(try service.says("[3.0] version 2 as server.sh"))
    }

    @Test func aLinkToTheReleaseIsFollowedOnceForEachGeneration() throws {
        let folder = try TemporaryFolder()
        let current = folder.file("current")
        for release in [1, 2] {
            try makeFolders(folder.file("r\(release)"))
            try write(folder.file("r\(release)/server"), release)
        }
        try makeLink(at: current, to: "r1")
        let service = try Service(
            Self.options, command: ["./server"],
            as: ["/usr/bin/env", "--chdir=\(current)", "PWD=\(current)"])
        #expect(try service.line(with: "new flows go to generation 1") != nil)
        let path = try realPath(folder.path)
        #expect(try service.generation(1)?.program?.path == "\(path)/r1/server")
        try makeLink(at: folder.file("new"), to: "r2")
        try renameFile(folder.file("new"), to: current)
        #expect(try service.generation(1)?.program?.changed?.contains(current) == true)
        try service.kill()
        #expect(try service.restarted())
        #expect(!service.process.output.lines.contains { $0.contains("version 2") })
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.generation(2)?.program?.path == "\(path)/r2/server")
        #expect(try service.says("[2.0] version 2 as server"))
    }

    @Test func anUpgradeSaysWhenTheSameFilesRunAgain() throws {
        let service = try Service.current(Self.options, command: try Programs.echo())
        let upgrade = try service.relevo("upgrade")
        #expect(upgrade.exit == .code(0))
        #expect(upgrade.text.contains("the same files run again"), "\(upgrade.output)")
    }
}
