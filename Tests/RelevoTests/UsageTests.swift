import Kernel
import TestKit
import Testing

/// Every mistake is one line on standard error and the design's number.
struct UsageTests {
    static let mistakes: [(arguments: [String], line: String, code: Int32)] = [
        (["bogus"], "relevo: there is no command 'bogus'; see relevo --help", 64),
        (
            ["statsu"], "relevo: there is no command 'statsu'; did you mean 'status'?", 64
        ),
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
        (
            ["explain", "--payload", "00"],
            "relevo: give --payload and --from, or --pcap, or --live; see relevo --help", 64
        ),
        (
            ["explain", "--payload", "0x0", "--from", "127.0.0.1:1"],
            "relevo: --payload: these are not bytes in hexadecimal", 64
        ),
        (
            ["explain", "--payload", "00", "--from", "127.0.0.1"],
            "relevo: --from: '127.0.0.1' is not ADDRESS:PORT, such as 192.0.2.1:53", 64
        ),
        (
            ["explain", "--pcap", "/dev/null"],
            "relevo: /dev/null: it is too short for a pcap file", 1
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
        let bad = try Program.run("check-settings", "--syntax", file)
        #expect(bad.exit == .code(78) && bad.output.isEmpty)
        #expect(
            bad.errors.map { $0.prefix { $0 != " " } } == ["\(file):2:", "\(file).d/b.conf:3:"])
        // What can be read is looked up all the same, and told in the order of the lines.
        try writeFile(file, Array("[Service]\nWorkers=x\nCommand=/no/such\nUser=nosuch\n".utf8))
        let all = try Program.run("check-settings", file)
        #expect(all.exit == .code(78) && all.output.isEmpty)
        #expect(
            all.errors.prefix(4).map { $0.prefix { $0 != " " } }
                == ["\(file):2:", "\(file):3:", "\(file):4:", "\(file).d/b.conf:3:"])
        #expect(all.errors.dropFirst(2).first?.contains("there is no user 'nosuch'") == true)
        try writeFile(file + ".d/b.conf", Array("[Listener]\nAddress=udp://:53\n".utf8))
        try writeFile(file + ".d/c.conf", Array("[Service]\nWorkers=\n".utf8))
        try writeFile(file, Array("[Service]\nWorkers=2\nCommand=/bin/a\n".utf8))
        let good = try Program.run("check-settings", "--syntax", file)
        #expect(
            good
                == Program.Outcome(
                    output: ["\(file): good; service a, workers 1, listening on udp://[::]:53"],
                    exit: .code(0)))
    }

    @Test func checkSettingsLooksUpWhatIsNamed() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("a.conf")
        let script = folder.file("script")
        try writeFile(script, Array("#!/no/such/interpreter -x\n".utf8), mode: 0o755)
        let held = try DatagramSocket.bound(to: .loopback())
        let address = try held.localAddress()
        func lines(_ command: String, _ more: String = "") throws -> [String] {
            let text = """
                [Service]
                Command=\(command)
                Name=a
                \(more)
                [Listener]
                Address=udp://127.0.0.1:\(address.port)
                [Listener]
                Address=udp://192.0.2.77:4433
                """
            try writeFile(file, Array(text.utf8))
            let found = try Program.run("check-settings", file)
            #expect(found.exit == .code(78) && found.output.isEmpty)
            #expect(try Program.run("check-settings", "--syntax", file).exit == .code(0))
            return found.errors
        }
        let all = try lines(
            "/no/such", "User=nosuch\nGroup=nosuch\nControlGroup=nosuch\nPrivate=/no/such")
        #expect(
            all.prefix(5) == [
                "\(file):2: Command=: execute /no/such: No such file or directory",
                "\(file):4: User=: there is no user 'nosuch'",
                "\(file):5: Group=: there is no group 'nosuch'",
                "\(file):6: ControlGroup=: there is no group 'nosuch'",
                "\(file):7: Private=: there is no folder /no/such",
            ])
        #expect(all.count == 7)
        #expect(all[5].hasPrefix("\(file):8: udp://127.0.0.1:\(address.port): "), "\(all)")
        #expect(all[5].contains("process \(ProcessView.own), listens there"), "\(all)")
        #expect(
            all[6] == "\(file):10: udp://192.0.2.77:4433: no interface has this address")
        #expect(
            try lines(script).first
                == "\(file):2: Command=: \(script) wants /no/such/interpreter, which is not there")
        #expect(
            try lines("/etc/passwd").first
                == "\(file):2: Command=: execute /etc/passwd: Permission denied")
    }
}
