import ControlProtocol
import Kernel
import TestKit
import Testing

/// `relevo -H HOST` through a real server of ssh.
@Suite(.ownNetwork, .needsRoot, .needsProgram("/usr/sbin/sshd", in: "openssh-server"))
struct RemoteTests {
    private func service(_ command: [String]? = nil) throws -> Service {
        try Service.current(["--name", "far"] + quick, command: try command ?? echo())
    }

    @Test func whatIsAskedHereIsAnsweredThere() throws {
        let service = try service()
        let host = try SecureShellServer(for: service)
        let status = try host.relevo("status", "far", "--json")
        try #require(status.exit == .code(0), "\(status)")
        #expect(try decodeJSON(ServiceStatus.self, from: Array(status.text.utf8)).name == "far")
        #expect(status.errors.isEmpty)
        let here = try service.relevo("status", "--check")
        #expect(try host.relevo("status", "--check").output == here.output)
        let list = try host.relevo("list")
        #expect(list.exit == .code(0) && list.text.contains("far"), "\(list)")
        // All services bear their folders' names there.
        let metrics = try host.relevo("metrics")
        #expect(metrics.text.contains(#"relevo_up{service="run"} 1"#), "\(metrics)")
        let top = try host.relevo("top", "--interval", "200ms")
        #expect(top.exit == .code(0) && top.text.contains("far: "), "\(top)")
        let flows = try host.relevo("flows", "far", "--json")
        #expect(flows.exit == .code(0), "\(flows)")
        #expect(try host.relevo("wait", "--for", "ready", "--timeout", "20s").exit == .code(0))
        let logs = try host.relevo("logs", "far", "-n", "1000", "--generation", "1")
        #expect(logs.exit == .code(0), "\(logs)")
        #expect(logs.text.contains("new flows go to generation 1"), "\(logs)")
        #expect(try host.relevo("logs", "-n", "1", "--json").output.count == 1)
    }

    @Test func anUpgradeShowsItsProgressAndHistoryNamesTheUserOfSSH() throws {
        let service = try service()
        let host = try SecureShellServer(for: service)
        let events = try host.starting("events", "far", "--text")
        let all = try host.starting("events", "--all")
        let upgrade = try host.relevo("upgrade", "far", "--wait", "drained")
        #expect(upgrade.exit == .code(0), "\(upgrade)")
        #expect(upgrade.output.count > 1 && upgrade.output.last?.hasPrefix("handover") == true)
        let told = try host.relevo("history", "2")
        #expect(told.output.contains { $0.hasSuffix("by        root") }, "\(told)")
        // Events may begin after the upgrade does.
        #expect(try host.relevo("upgrade", "far").exit == .code(0))
        #expect(try events.output.next { $0.contains("generation") } != nil)
        #expect(try all.output.next { $0.contains(#""service":"run""#) } != nil)
    }

    @Test(.needsProgram("tmux", in: "tmux")) func aLiveViewShowsWhatIsThereAndActsThere() throws {
        let service = try service()
        let host = try SecureShellServer(for: service)
        let screen = try TerminalScreen(host.environment)
        try screen.beginTop("-H root@127.0.0.1:\(SecureShellServer.port) --interval 200ms")
        #expect(try screen.shows("far: generation 1 serves"))
        let upgrade = try service.starting("upgrade", "--canary", "20%")
        #expect(try screen.shows("until promote or abort"))
        try screen.type("p")
        #expect(try screen.shows("promote far: generation 2, 20% of clients? [y/N]"))
        try screen.type("y")
        #expect(try screen.shows("promote far: done"))
        #expect(try screen.shows("generation 2 serves"))
        #expect(try upgrade.finished().exit == .code(0))
        try host.end()
        #expect(try screen.shows("gone", "what it told before"))
        try screen.type("q")
        #expect(try screen.hasEnded(0))
    }

    @Test func aLostConnectionEndsTheWaitAndNotTheHandover() throws {
        let service = try service()
        let host = try SecureShellServer(for: service)
        let upgrade = try host.starting("upgrade", "far", "--", "/bin/sh", "-c", "sleep 1000")
        #expect(try service.eventually { $0.generations.contains { $0.id == 2 } })
        try host.end()
        let said = try upgrade.finished()
        #expect(said.exit == .code(69), "\(said)")
        #expect(said.errors.last?.contains("goes on over there") == true, "\(said)")
        #expect(try service.status().generations.contains { $0.id == 2 })
    }

    @Test func aNameIsNoCommandOfTheShellThere() throws {
        let service = try service()
        let host = try SecureShellServer(for: service)
        let file = service.folder.file("injected")
        for name in ["a'; touch \(file); '", "$(touch \(file))", "\"; touch \(file) #"] {
            let said = try host.relevo("status", name)
            #expect(said.exit == .code(69), "\(said)")
            #expect(said.errors.last?.contains("no supervisor runs '\(name)'") == true, "\(said)")
        }
        #expect(try FileStatus(of: file) == nil)
    }

    @Test func whatIsWrongWithTheHostIsSaidInOneSentence() throws {
        let service = try service()
        let host = try SecureShellServer(for: service, path: "/usr/bin:/bin")
        for command in ["status", "list", "events"] {
            let missing = try host.relevo(command)
            #expect(missing.exit == .code(69), "\(missing)")
            #expect(missing.errors.count == 1, "\(missing)")
            #expect(missing.errors.first?.contains("relevo is not there") == true, "\(missing)")
        }
        try host.forgetHost()
        let unknown = try host.relevo("status")
        #expect(unknown.exit == .code(69), "\(unknown)")
        #expect(unknown.errors.last?.contains("host key is not known") == true, "\(unknown)")
        let program = try Programs.path("relevo")
        let nobody = try Finished.running(
            [program, "status", "-H", "127.0.0.1:2299"], environment: host.environment)
        #expect(nobody.exit == .code(69), "\(nobody)")
        #expect(nobody.errors.last?.contains("is not reached by ssh") == true, "\(nobody)")
        let option = try Finished.running(
            [program, "status", "--host=-oProxyCommand=id"], environment: host.environment)
        #expect(option.exit == .code(64), "\(option)")
    }

    @Test func aBridgeEndsWithItsInputAndSaysNothingOfItsOwn() throws {
        let service = try service()
        let bridge = try service.relevo("bridge", "far")
        #expect(bridge.exit == .code(0) && bridge.output.isEmpty && bridge.errors.isEmpty)
        let gone = try service.relevo("bridge", "other")
        #expect(gone.exit == .code(69) && gone.output.isEmpty)
    }
}
