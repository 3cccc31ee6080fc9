import ControlProtocol
import Kernel
import TestKit
import Testing

/// A version that is many files is a folder, and each generation has one.
@Suite(.ownNetwork, .needsRoot)
struct ReleaseTests {
    private static let options = ["--listen", "udp://127.0.0.1:4433", "--linger", "0"]
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = try realPath(folder.path)
        let echo = try Programs.path("relevo-load")
        for version in [1, 2] {
            try makeFolders("\(path)/r\(version)")
            let text = "#!/bin/sh\necho version \(version) of $1\nexec \(echo) serve\n"
            try writeFile("\(path)/r\(version)/server", Array(text.utf8), mode: 0o755)
        }
        try makeLink(at: "\(path)/current", to: "r1")
    }

    private func link(to release: String) throws {
        try makeLink(at: "\(path)/new", to: release)
        try renameFile("\(path)/new", to: "\(path)/current")
    }

    private func service() throws -> Service {
        try Service.current(
            Self.options + ["--release", "\(path)/current"],
            command: ["{release}/server", "{release}/etc"])
    }

    @Test func aLinkIsFollowedOnceAndAWorkerStaysInItsFolder() throws {
        let service = try service()
        #expect(try service.says("[1.0] version 1 of \(path)/r1/etc"))
        #expect(try service.generation(1)?.command == ["\(path)/r1/server", "\(path)/r1/etc"])
        try link(to: "r2")
        try service.kill()
        #expect(try service.restarted())
        #expect(!service.process.output.lines.contains { $0.contains("version 2") })
        let upgrade = try service.relevo(
            "upgrade", "--wait", "drained", "--release", "\(path)/current")
        #expect(upgrade.exit == .code(0), "\(upgrade)")
        #expect(try service.says("[2.0] version 2 of \(path)/r2/etc"))
        // The same release again, wherever the link leads.
        try link(to: "r1")
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.says("[3.0] version 2 of \(path)/r2/etc"))
        #expect(try service.relevo("rollback", "--to", "1").exit == .code(0))
        #expect(try service.says("[4.0] version 1 of \(path)/r1/etc"))
    }

    @Test func theNextSupervisorFollowsASettingsLinkThatLeadsElsewhere() throws {
        let service = try service()
        try link(to: "r2")
        try service.succeed()
        #expect(try service.line(with: "new flows go to generation 2") != nil)
        #expect(try service.says("[2.0] version 2 of \(path)/r2/etc"))
    }

    @Test func whatIsNoFolderOrHasNoPlaceIsRefused() throws {
        let service = try service()
        let missing = try service.relevo("upgrade", "--release", "\(path)/r9")
        #expect(missing.failed(64, saying: "--release \(path)/r9: "), "\(missing)")
        let file = try service.relevo("upgrade", "--release", "\(path)/r1/server")
        #expect(file.failed(64, saying: "that is no folder"), "\(file)")
        let unplaced = try service.relevo(
            "upgrade", "--release", "\(path)/r2", "--", "\(path)/r2/server")
        #expect(unplaced.failed(64, saying: "has no {release}"), "\(unplaced)")
        let unnamed = try service.relevo("upgrade", "--", "{release}/server")
        #expect(unnamed.failed(64, saying: "--release does not say which"), "\(unnamed)")
        #expect(try service.status().generations.map(\.id) == [1])
        let plain = try Service.current(
            ["--listen", "udp://127.0.0.1:4434"], command: try Programs.echo())
        let none = try plain.relevo("upgrade", "--release", "\(path)/r2")
        #expect(none.failed(1, saying: "has no {release}"), "\(none)")
    }
}
