import Kernel
import TestKit
import Testing

/// Every mistake is one line on standard error and the design's number.
struct UsageTests {
    static let mistakes: [(arguments: [String], line: String, code: Int32)] = [
        (["bogus"], "relevo: Unexpected argument 'bogus'; see relevo --help", 64),
        (
            ["run"], "relevo: there is no command; set Command= in [Service], or write it after --",
            64
        ),
        (
            ["run", "--listen", "udp://:53", "/bin/x"],
            "relevo: Unexpected argument '/bin/x'; write -- before the server's command", 64
        ),
        (
            ["run", "--listen", "udp://:x", "--", "/bin/x"],
            "relevo: --listen: address 'udp://:x': port 'x' is not from 1 to 65535", 64
        ),
        (
            ["run", "--config", "/nowhere/at/all"],
            "relevo: open /nowhere/at/all: No such file or directory", 78
        ),
        (
            ["status", "--control", "/nowhere/control"],
            "relevo: no supervisor listens at /nowhere/control", 69
        ),
        (
            ["upgrade", "--wait", "flip", "--no-wait"],
            "relevo: --wait and --no-wait contradict each other; use one; see relevo --help", 64
        ),
        (["check-settings", "/nowhere"], "relevo: open /nowhere: No such file or directory", 78),
        (
            ["stop", "--drain-timeout", "soon"],
            "relevo: --drain-timeout: 'soon' is not a duration;"
                + " write 250ms, 30s, 5min, 1h or 1min 30s", 64
        ),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsOneLineAndANumber(arguments: [String], line: String, code: Int32) throws {
        let process = try TestProcess(
            ["\(Program.folder)/relevo"] + arguments, environment: [], separateErrors: true)
        #expect(try process.errors.rest() == [line])
        #expect(try process.output.rest().isEmpty)
        #expect(try process.exit() == .code(code))
    }

    @Test func helpAndVersionGoToStandardOutput() throws {
        let version = try Program.run("--version")
        #expect(version == Program.Outcome(output: ["0.1.0"], exit: .code(0)))
        let help = try Program.run("run", "--help")
        #expect(help.exit == .code(0) && help.errors.isEmpty)
        #expect(help.output.contains { $0.contains("relevo run --listen udp://0.0.0.0:4433") })
    }

    @Test func checkSettingsTellsEveryMistakeWithItsPlace() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("dns.conf")
        try writeFile(file, Array("[Service]\nWorkers=x\nCommand=/bin/a\n".utf8))
        try makeFolder(file + ".d")
        try writeFile(file + ".d/b.conf", Array("[Listener]\nAddress=udp://:53\nBlah=1\n".utf8))
        let bad = try Program.run("check-settings", file)
        #expect(bad.exit == .code(78) && bad.output.isEmpty)
        #expect(
            bad.errors.map { $0.prefix { $0 != " " } } == ["\(file):2:", "\(file).d/b.conf:3:"])
        try writeFile(file + ".d/b.conf", Array("[Listener]\nAddress=udp://:53\n".utf8))
        try writeFile(file + ".d/c.conf", Array("[Service]\nWorkers=\n".utf8))
        try writeFile(file, Array("[Service]\nWorkers=2\nCommand=/bin/a\n".utf8))
        let good = try Program.run("check-settings", file)
        #expect(
            good
                == Program.Outcome(
                    output: ["\(file): good; service a, workers 1, listening on udp://[::]:53"],
                    exit: .code(0)))
    }
}
