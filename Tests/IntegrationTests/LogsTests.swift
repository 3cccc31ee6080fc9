import Kernel
import TestKit
import Testing

/// What `relevo logs` shows where no journal reads the service.
@Suite(.ownNetwork) struct LogsTests {
    private static let talking = [
        "/bin/sh", "-c", "echo \"hello from $$\"; exec \"$0\" serve",
    ]

    private func start() throws -> Service {
        try Service.current(
            quick + ["--name", "talker"], command: Self.talking + [try Programs.path("relevo-load")]
        )
    }

    @Test func theOutputOfWorkersAndSupervisorIsShownByGeneration() throws {
        let service = try start()
        #expect(try service.relevo("upgrade", "--wait", "drained").succeeded)
        #expect(
            try eventually { try service.relevo("logs").text.contains("handover 1 to 2 completed") }
        )
        let all = try service.relevo("logs").output
        #expect(all.contains { $0.contains(" sh[1.0]: hello from ") }, "\(all)")
        #expect(all.contains { $0.contains(" relevo: new flows go to generation 2") })
        let second = try service.relevo("logs", "-g", "2", "-w", "0").output
        #expect(second.contains { $0.contains(" sh[2.0]: hello from ") }, "\(second)")
        #expect(!second.contains { $0.contains("[1.0]") || $0.contains("new flows") })
        #expect(try service.relevo("logs", "-n", "2").output == all.suffix(2))
    }

    @Test func itGoesOnWithWhatComesAndAfterTheEndItIsStillThere() throws {
        let service = try start()
        let following = try service.starting("logs", "-f", "-n", "0")
        // Until it follows, what is said may be told in either way.
        while try following.output.next(within: .milliseconds(300)) == nil {
            #expect(try service.relevo("upgrade").succeeded)
        }
        #expect(try service.relevo("stop").succeeded)
        #expect(try service.process.exit() == .code(0))
        #expect(try following.output.next { $0.contains("has ended") } != nil)
        try following.signal(2)
        #expect(try following.exit() == .code(0))
        let past = try service.relevo("logs", "talker", "--json")
        #expect(past.text.contains("\"event\":\"flipped\""), "\(past)")
    }

    /// A full disk costs lines, never the service.
    @Test(.needsRoot) func aFullDiskIsToldAndTheServiceGoesOn() throws {
        let folder = try TemporaryFolder()
        let mounted = try Finished.running([
            "mount", "-t", "tmpfs", "-o", "size=64k", "t", folder.path,
        ])
        try #require(mounted.succeeded, "\(mounted)")
        defer { _ = try? Finished.running(["umount", "-l", folder.path]) }
        _ = try Finished.running(["sh", "-c", "cat /dev/zero >\(folder.file("full"))"])
        let service = try Service.current(
            quick + ["--name", "talker"],
            command: Self.talking + [try Programs.path("relevo-load")],
            environment: ["STATE_DIRECTORY=\(folder.file("relevo/talker"))"])
        // It may have been said before the service was current.
        let words = "cannot be kept for relevo logs"
        #expect(
            try service.process.output.lines.contains { $0.contains(words) }
                || service.line(with: words) != nil)
        #expect(try service.relevo("upgrade").succeeded)
        try removeFile(folder.file("full"))
        #expect(try service.line(with: "lines are missing in") != nil)
        #expect(try service.relevo("upgrade").succeeded)
        #expect(
            try eventually {
                try service.relevo("logs").text.contains("new flows go to generation 3")
            })
    }
}
