import ControlProtocol
import Kernel
import TestKit
import Testing

/// SIGHUP reads the settings again.
@Suite(.ownNetwork) struct HangUpTests {
    private let folder: TemporaryFolder
    private var file: String { folder.file("echo.conf") }

    init() throws { folder = try TemporaryFolder() }

    private func write(_ lines: String..., to path: String? = nil) throws {
        try writeFile(path ?? file, Array(lines.joined(separator: "\n").utf8))
    }

    /// A service by the file, `Command=` and a listener being added to these lines.
    private func service(_ options: String..., command: [String] = []) throws -> Service {
        try write(
            "[Service]", "Name=echo", "Linger=20ms", "Command=\(try echo().joined(separator: " "))",
            "[Listener]", "Address=udp://\(address)")
        return try Service.current(["--config", file] + options, command: command)
    }

    @Test func anUpgradeHasTheCommandAndTheWorkersThatTheSettingsHaveNow() throws {
        let service = try service()
        try makeFolder(file + ".d")
        try write("[Service]", "Workers=2", to: file + ".d/more.conf")
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.eventually { $0.current == 2 })
        #expect(try service.generation(2)?.workers.count == 2)
        // Whoever runs the service then reads them, too.
        try service.succeed()
        try write("[Service]", "Workers=3", to: file + ".d/more.conf")
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.eventually { $0.current == 3 })
        #expect(try service.generation(3)?.workers.count == 3)
        #expect(try service.relevo("reexec").exit == .code(0))
        try write("[Service]", "Workers=1", to: file + ".d/more.conf")
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.eventually { $0.current == 4 })
        #expect(try service.generation(4)?.workers.count == 1)
    }

    @Test func whatAPredecessorReadIsNotComeBackToWhenADrainIsOver() throws {
        let service = try service()
        let load = try service.load(lastingFlows)
        try makeFolder(file + ".d")
        try write("[Service]", "Workers=2", to: file + ".d/more.conf")
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.eventually { $0.current == 2 })
        try service.succeed()
        try write("[Service]", "Workers=3", to: file + ".d/more.conf")
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.eventually { $0.current == 3 })
        #expect(try service.generation(1)?.state == .draining)
        #expect(try load.stopped().isAnswered(by: 1))
        #expect(try service.relevo("drain", "--timeout", "0").exit == .code(0))
        #expect(try service.ended(1))
        #expect(try service.ended(2))
        try write("[Service]", "Workers=1", to: file + ".d/more.conf")
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.eventually { $0.current == 4 })
        #expect(try service.generation(4)?.workers.count == 1)
    }

    @Test func settingsThatFailAreFollowedOnceAfterADrain() throws {
        let service = try service()
        let load = try service.load(lastingFlows)
        #expect(try service.upgrade())
        try service.crash()
        try makeFolder(file + ".d")
        try write("[Service]", "Command=/bin/false", to: file + ".d/more.conf")
        try service.resume()
        #expect(try service.line(with: "took over") != nil)
        #expect(try service.generation(1)?.state == .draining)
        #expect(try load.stopped().isAnswered(by: 1))
        #expect(try service.relevo("drain", "--timeout", "0").exit == .code(0))
        #expect(try service.line(with: "the settings name another command") != nil)
        #expect(try service.line(with: "handover 2 to 3 failed") != nil)
        #expect(try service.upgrade(to: try echo()))
        #expect(try service.status().current == 4)
    }

    @Test func withBadSettingsThereIsNoneAndTheMistakeIsToldByItsLine() throws {
        let service = try service()
        try write("[Service]", "Workers=none")
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.line(with: "\(file):2") != nil)
        #expect(try service.line(with: "SIGHUP: no upgrade") != nil)
        _ = try removeFile(file)
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.line(with: "SIGHUP: no upgrade: open \(file)") != nil)
        let status = try service.status()
        #expect(status.current == 1 && status.generations.map(\.id) == [1])
    }

    @Test func oneThatComesBeforeTheSupervisorHearsSignalsEndsNothing() throws {
        let service = try service()
        try service.crash()
        try service.resume()
        let name = "/proc/\(service.process.pid)/comm"
        #expect(
            try eventually {
                String(decoding: try readFile(name), as: UTF8.self) == "relevod\n"
            })
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.line(with: "took over") != nil)
        // It is heard as soon as signals are.
        #expect(try service.eventually { $0.current == 2 })
    }

    @Test func whatTheCommandLineHasSaidGoesOn() throws {
        let service = try service("--workers", "2", command: try echo("--ready-delay", "1ms"))
        try write("[Service]", "Name=echo", "Workers=5", "[Listener]", "Address=udp://\(address)")
        try service.process.signal(SignalNumber.hangUp)
        #expect(try service.eventually { $0.current == 2 })
        let generation = try #require(try service.generation(2))
        #expect(generation.workers.count == 2)
        #expect(generation.command.suffix(2) == ["--ready-delay", "1ms"])
    }

    @Test func whatNoUpgradeBringsIsNamed() throws {
        // The option wins over the file, which is no change of it.
        let service = try service("--idle-timeout", "7s")
        #expect(try service.status().changedSettings == [])
        try makeFolder(file + ".d")
        try write(
            "[Service]", "Workers=2", "DrainTimeout=5min", "User=nobody", "[Listener]",
            "Address=udp://127.0.0.1:4434", to: file + ".d/more.conf")
        #expect(
            try service.status().changedSettings?.contains(
                "[Listener] udp://127.0.0.1:4434 (added)") == true)
        let reload = try service.relevo("upgrade", "--config", file)
        #expect(reload.exit == .code(0))
        let note = try #require(reload.errors.first)
        #expect(
            note.contains(
                "not in effect: User=: that takes a restart of the supervisor (systemctl restart, or "
                    + "--resume)"),
            "\(note)")
        #expect(reload.text.contains("DrainTimeout=: as the settings say from now on"))
        #expect(
            reload.text.contains(
                "Workers=, [Listener] udp://127.0.0.1:4434: with the new generation"))
        #expect(try service.status().listeners.count == 2)
        #expect(try service.line(with: "DrainTimeout=: as the settings say now") != nil)
        #expect(try service.generation(2)?.workers.count == 2)
        let check = try service.relevo("status", "--check")
        #expect(check.exit == .code(1), "\(check.output)")
        #expect(check.output.first?.contains("not in effect: User=") == true, "\(check.output)")
        try service.process.signal(SignalNumber.hangUp)
        // Told once more; and the file is not written to while it is read.
        #expect(try service.eventually { $0.current == 3 })
        #expect(try service.line(with: "User=: changed, but not by an upgrade") != nil)
        try write("[Service]", "Workers=2", "DrainTimeout=5min", to: file + ".d/more.conf")
        #expect(
            try service.status().changedSettings == ["[Listener] udp://127.0.0.1:4434 (removed)"])
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.status().changedSettings == [])
        #expect(try service.relevo("status", "--check").exit == .code(0))
    }

    @Test func aListenerThatOnlyTheFileHasIsNamedByTheNextSupervisorToo() throws {
        let service = try service()
        try makeFolder(file + ".d")
        try write("[Listener]", "Address=udp://127.0.0.1:4434", to: file + ".d/more.conf")
        let changed = ["[Listener] udp://127.0.0.1:4434 (added)"]
        #expect(try service.status().changedSettings == changed)
        try service.succeed()
        #expect(try service.status().changedSettings == changed)
        #expect(try service.relevo("reexec").exit == .code(0))
        #expect(try service.eventually { $0.changedSettings == changed })
        try write("[Service]", to: file + ".d/more.conf")
        #expect(try service.status().changedSettings == [])
    }

    @Test func whatAFileSaysElseIsNamedByTheNextSupervisorToo() throws {
        let service = try service()
        let written = try readFile(file)
        let more = "User=nobody\n[Listener]"
        let edited =
            String(decoding: written, as: UTF8.self)
            .replacing("[Listener]", with: more) + "\nSteering=stateless"
        try writeFile(file, Array(edited.utf8))
        let changed = ["User=", "[Listener] udp://\(address)"]
        #expect(try service.status().changedSettings == changed)
        for _ in 0..<2 {
            #expect(try service.relevo("reexec").exit == .code(0))
            #expect(try service.eventually { $0.changedSettings == changed })
        }
        try writeFile(file, written)
        #expect(try service.status().changedSettings == [])
    }

    @Test func howAGenerationDrainsIsAsTheSettingsSayAtAnUpgrade() throws {
        let service = try service("--linger", "20ms", "--drain-timeout", "2h")
        try makeFolder(file + ".d")
        try write("[Service]", "DrainTimeout=10s", "StopSignal=INT", to: file + ".d/more.conf")
        // The option wins over the file for the one, and nothing has said the other.
        let reload = try service.relevo("upgrade")
        #expect(reload.exit == .code(0))
        #expect(try service.line(with: "StopSignal=: as the settings say now") != nil)
        #expect(try service.status().changedSettings == [])
    }
}
