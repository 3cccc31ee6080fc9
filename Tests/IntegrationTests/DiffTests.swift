import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

/// How a settings file differs from what runs.
@Suite(.ownNetwork, .needsRoot) struct DiffTests {
    private let folder: TemporaryFolder
    private var file: String { folder.file("echo.conf") }

    init() throws { folder = try TemporaryFolder() }

    private func write(_ lines: String..., listener: String = "") throws {
        let all =
            ["[Service]", "Name=echo", "Command=\(try Programs.echo().joined(separator: " "))"]
            + lines + ["[Listener]", "Address=udp://127.0.0.1:4433", listener]
        try writeFile(file, Array(all.joined(separator: "\n").utf8))
    }

    @Test func saysOfEachKeyWhatBringsIt() throws {
        try write()
        let service = try Service.current(["--config", file, "--linger", "30ms"], command: [])
        let same = try service.relevo("diff")
        #expect(same.exit == .code(0), "\(same)")
        #expect(same.text.contains("an option of relevo run wins\n- Linger=30ms"), "\(same.text)")
        try write(
            "Workers=2", "Linger=5s", "DrainTimeout=2min", "User=nobody", "Environment=KEY=secret",
            listener: "IdleTimeout=7s")
        let text = try service.relevo("diff")
        #expect(text.exit == .code(1))
        let answer = try service.relevo("diff", "--json")
        #expect(answer.exit == .code(1))
        let found = try JSONDecoder().decode(SettingsReply.self, from: Data(answer.text.utf8))
        #expect(found.file == file)
        let effects = Dictionary(
            uniqueKeysWithValues: found.differences.map { ($0.key, $0.takesEffect) })
        #expect(
            effects == [
                "Workers": "upgrade", "DrainTimeout": "upgrade", "User": "restart",
                "Environment": "restart", "IdleTimeout": "upgrade", "Linger": "never",
            ])
        #expect(!answer.text.contains("secret") && !text.text.contains("secret"))
        #expect(text.text.contains("- Workers=1\n+ Workers=2"), "\(text.text)")
        let upgrade = try service.relevo("upgrade", "--json")
        #expect(upgrade.exit == .code(0))
        let reply = try JSONDecoder().decode(OperationReply.self, from: Data(upgrade.text.utf8))
        let outcomes = (reply.settings ?? []).map { "\($0.name) \($0.effect)" }
        #expect(
            outcomes == [
                "Workers= upgrade", "DrainTimeout= applied", "User= restart",
                "Environment= restart",
                "[Listener] udp://127.0.0.1:4433 IdleTimeout= applied",
            ], "\(outcomes)")
        let left = try service.relevo("diff").text
        #expect(!left.contains("DrainTimeout") && left.contains("User"), "\(left)")
    }

    @Test func saysWhereTheFileHasAMistake() throws {
        try write()
        let service = try Service.current(["--config", file], command: [])
        try write("Workers=none")
        let answer = try service.relevo("diff")
        #expect(answer.exit == .code(78))
        #expect(answer.errors.joined().contains("\(file):4"), "\(answer)")
    }

    @Test func saysWhereThereIsNoFile() throws {
        let service = try Service.current(
            ["--name", "echo", "--listen", "udp://127.0.0.1:4433"], command: try Programs.echo())
        let answer = try service.relevo("diff")
        #expect(answer.exit == .code(0))
        #expect(answer.text.contains("without a settings file"))
    }
}
