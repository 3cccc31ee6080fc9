import ControlProtocol
import Kernel
import TestKit
import Testing

/// An idle time that is changed while the service has flows.
@Suite(.ownNetwork, .needsRoot) struct IdleTimeTests {
    private let folder: TemporaryFolder
    private var file: String { folder.file("echo.conf") }

    init() throws { folder = try TemporaryFolder() }

    private func write(idle: [String], _ more: String = "") throws {
        var lines = [
            "[Service]", "Name=echo", "Linger=20ms", more,
            "Command=\(try Programs.echo().joined(separator: " "))",
        ]
        for (index, time) in idle.enumerated() {
            lines += [
                "[Listener]", "Address=udp://127.0.0.1:\(4433 + index)", "IdleTimeout=\(time)",
            ]
        }
        try writeFile(file, Array(lines.joined(separator: "\n").utf8))
    }

    @Test func aShorterOneCountsAtOnceAndNoFlowThatGoesOnLosesItsWorker() throws {
        try write(idle: ["60s"])
        let service = try Service.current(["--config", file], command: [])
        let silent = try service.probe(flows: 20, to: "127.0.0.1:4433")
        #expect(silent.ok)
        let lasting = try service.load(["--flows", "20", "--rate", "200"])
        #expect(try service.receives(200))
        try write(idle: ["1s"])
        #expect(
            try service.status().changedSettings == [
                "[Listener] udp://127.0.0.1:4433 (IdleTimeout=)"
            ])
        let upgrade = try service.relevo("upgrade")
        #expect(upgrade.exit == .code(0))
        let words = "[Listener] udp://127.0.0.1:4433 IdleTimeout=: as the settings say from now on"
        #expect(upgrade.text.contains(words), "\(upgrade)")
        #expect(try service.status().changedSettings == [])
        // Those that are silent end long before their minute.
        #expect(try service.eventually { $0.generations.first?.flows == 20 })
        try service.succeed()
        #expect(try service.status().changedSettings == [])
        let result = try lasting.stopped()
        #expect(result.ok && result.isAnswered(by: 1), "\(result.faults)")
        #expect(try service.ended(1))
    }

    @Test func whatShareATableComeToTheSameOrTakeAStop() throws {
        try write(idle: ["60s", "60s"])
        let service = try Service.current(["--config", file], command: [])
        try write(idle: ["30s", "60s"])
        let one = try service.relevo("upgrade", "--wait", "drained")
        #expect(
            one.errors.joined().contains(
                "[Listener] udp://127.0.0.1:4433 IdleTimeout=: that takes a stop and a start"),
            "\(one)")
        #expect(
            try service.status().changedSettings == ["[Listener] udp://127.0.0.1:4433"])
        try write(idle: ["30s", "30s"])
        let both = try service.relevo("upgrade", "--wait", "drained")
        #expect(both.text.contains("IdleTimeout=: as the settings say from now on"), "\(both)")
        #expect(try service.status().changedSettings == [])
        #expect(try service.relevo("diff").exit == .code(0))
    }
}
