import ArgumentParser
import ControlProtocol
import Kernel
import TestKit
import Testing

@testable import relevo

struct UpgradeTests {
    private func request(_ arguments: [String]) throws -> ControlRequest {
        try #require(UpgradeCommand.parseAsRoot(arguments) as? UpgradeCommand).request()
    }

    @Test func nothingIsSaidOfWhatStays() throws {
        #expect(try request([]) == .upgrade(command: nil, workers: nil, wait: .flip))
    }

    @Test func changedSettingsGiveCommandAndWorkersUnlessTheyAreNamed() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("a.conf")
        try writeFile(file, Array("[Service]\nCommand=/bin/a b\nWorkers=3\n".utf8))
        #expect(
            try request(["--config", file])
                == .upgrade(command: ["/bin/a", "b"], workers: 3, wait: .flip))
        #expect(
            try request(["--config", file, "--workers", "5", "--", "/bin/c"])
                == .upgrade(command: ["/bin/c"], workers: 5, wait: .flip))
    }

    @Test func badSettingsUpgradeNothing() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("a.conf")
        try writeFile(file, Array("[Service]\nCommand=/bin/a b\nWorkers=none\n".utf8))
        #expect(throws: Failure.self) { try request(["--config", file]) }
        let said = try Program.run("upgrade", "--config", file, "--control", "/nowhere")
        #expect(said.exit == .code(78))
    }
}
