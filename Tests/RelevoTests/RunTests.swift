import ArgumentParser
import Kernel
import Settings
import TestKit
import Testing

@testable import relevo

struct RunTests {
    private func settings(_ arguments: [String]) throws -> ServiceSettings {
        try #require(RunCommand.parseAsRoot(arguments) as? RunCommand).settings()
    }

    @Test func everyOptionReachesItsKey() throws {
        let settings = try settings([
            "--name", "dns", "--listen", "udp://:53", "--listen", "tcp://:53", "--steering", "auto",
            "--workers", "4", "--sockets-per-worker", "2", "--ready", "exec:/check it",
            "--ready-timeout", "5s", "--overlap", "no", "--private", "/run/my server", "--private",
            "/var/x", "--drain-timeout", "infinity", "--idle-timeout", "5min", "--linger", "0",
            "--stop-signal", "SIGINT", "--stop-timeout", "3s", "--drain-signal", "USR2",
            "--max-flows", "1000", "--receive-buffer", "1M", "--backlog", "99", "--user", "nobody",
            "--group", "adm",
            "--control-group", "wheel", "--environment-style", "nginx", "--environment",
            "A=b c \"d", "--working-directory", "/srv/a b", "--watchdog", "20s", "--non-blocking",
            "--", "/bin/server", "--flag", "--", "a b",
        ])
        var expected = ServiceSettings()
        expected.name = "dns"
        expected.command = ["/bin/server", "--flag", "--", "a b"]
        expected.workers = 4
        expected.socketsPerWorker = 2
        expected.ready = .exec(["/check", "it"])
        expected.readyTimeout = .seconds(5)
        expected.overlap = false
        expected.privatePaths = ["/run/my server", "/var/x"]
        expected.drainTimeout = .infinity
        expected.linger = .zero
        expected.stopSignal = .interrupt
        expected.stopTimeout = .seconds(3)
        expected.drainSignal = try SignalName.parse("USR2")
        expected.user = "nobody"
        expected.group = "adm"
        expected.controlGroup = "wheel"
        expected.environmentStyles = [.nginx]
        expected.environment = ["A": "b c \"d"]
        expected.workingDirectory = "/srv/a b"
        expected.watchdog = .seconds(20)
        expected.nonBlocking = true
        var udp = ListenerSettings(address: try ListenAddress.parse("udp://:53"))
        udp.steering = .auto
        udp.idleTimeout = .seconds(300)
        udp.maxFlows = 1000
        udp.receiveBuffer = 1 << 20
        var tcp = ListenerSettings(address: try ListenAddress.parse("tcp://:53"))
        tcp.receiveBuffer = 1 << 20
        tcp.backlog = 99
        expected.listeners = [udp, tcp]
        #expect(settings == expected)
        #expect(try ServiceSettings.parse(settings.render(), file: "rendered") == settings)
    }

    @Test func everySettingThatDeclaresAnOptionHasIt() {
        let help = RunCommand.helpMessage(columns: 1000)
        for setting in Setting.options {
            let name = setting.option?.name ?? ""
            #expect(help.contains("  --\(name) ") && help.contains(setting.optionHelp), "--\(name)")
        }
    }

    @Test func optionsWinOverTheFileAndItsDropIns() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("a.conf")
        let text =
            "[Service]\nCommand=/bin/a\nWorkers=2\nEnvironment=A=1\n[Listener]\nAddress=udp://:1\n"
        try writeFile(file, Array(text.utf8))
        try makeFolder(file + ".d")
        try writeFile(file + ".d/1.conf", Array("[Service]\nWorkers=3\nUser=x\n".utf8))
        let plain = try settings(["--config", file])
        #expect(plain.workers == 3 && plain.user == "x" && plain.command == ["/bin/a"])
        let changed = try settings([
            "--config", file, "--workers", "5", "--user", "", "--environment", "B=2", "--listen",
            "udp://:2", "--listen", "udp://:1", "--idle-timeout", "1s", "--", "/bin/b",
        ])
        #expect(changed.workers == 5 && changed.user == nil && changed.command == ["/bin/b"])
        #expect(changed.environment == ["A": "1", "B": "2"])
        #expect(changed.listeners.map(\.address.port) == [1, 2])
        #expect(changed.listeners.map(\.idleTimeout) == [.seconds(1), .seconds(1)])
    }

    @Test func aFileWithMistakesIsToldInOneLine() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("a.conf")
        try writeFile(file, Array("[Service]\nWorkers=x\nCommand=\"\n".utf8))
        #expect(
            throws: Failure(
                .settings,
                "\(file):2: Workers=: 'x' is not a whole number from 1 to 512"
                    + " (and 1 more; see relevo check-settings)")
        ) { try settings(["--config", file]) }
    }

    @Test func flowSteeringOfTCPAloneIsRefused() {
        #expect(
            throws: Failure(
                .usage, "Steering=flow is for udp; tcp://[::]:1 takes stateless or auto")
        ) { try settings(["--listen", "tcp://:1", "--steering", "flow", "--", "/bin/x"]) }
    }

    @Test func aRelativeCommandIsMadeAbsoluteAndAPlainNameIsNot() throws {
        let relative = try settings(["--listen", "udp://:1", "--", "./x", "./y"])
        #expect(relative.command == ["\(try readLink("/proc/self/cwd"))/./x", "./y"])
        #expect(try settings(["--listen", "udp://:1", "--", "x"]).command == ["x"])
    }
}
