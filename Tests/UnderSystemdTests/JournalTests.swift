import Kernel
import TestKit
import Testing

extension UnderSystemd {
    @Suite struct Journal {
        @Test func hasTheFactsOfAHandoverAsFields() throws {
            let echo = try EchoUnit.started()
            #expect(try echo.systemctl("reload").exit == .code(0))
            let flips = try echo.machine.journal(of: EchoUnit.name, "RELEVO_PHASE=flip")
            #expect(flips.map { $0["RELEVO_GENERATION"] } == ["1", "2"])
            #expect(flips.last?["MESSAGE"] == "new flows go to generation 2, no longer to 1")
            #expect(flips.last?["SYSLOG_IDENTIFIER"] == "relevo")
            #expect(flips.last?["PRIORITY"] == "5")
            #expect(flips.allSatisfy { $0["RELEVO_SERVICE"] == "echo" })
        }

        /// The package has systemd read its catalog.
        @Test func explainsWhatHasHappened() throws {
            let echo = try EchoUnit.started()
            let root = #filePath.dropLast("Tests/UnderSystemdTests/JournalTests.swift".utf8.count)
            let catalog = String(
                decoding: try readFile("\(root)packaging/systemd/relevo.catalog"), as: UTF8.self)
            let installed = try echo.machine.shell(
                "cat >/usr/lib/systemd/catalog/relevo.catalog <<'END'\n\(catalog)\nEND\n"
                    + "journalctl --update-catalog")
            #expect(installed.exit == .code(0), "\(installed)")
            let told = try echo.machine.run(
                "journalctl", "-q", "-x", "-u", EchoUnit.name, "RELEVO_EVENT=flipped")
            #expect(
                told.text.contains("Subject: New flows go to another generation: echo"), "\(told)")
            #expect(told.text.contains("Sessions that are there stay with"), "\(told)")
        }

        @Test func hasWhatWorkersPrintByWorkerWithItsPriority() throws {
            let server = "/usr/bin/sh -c 'echo hello; echo \"<3>bad\" >&2; exec relevo-load serve'"
            let echo = try EchoUnit.started("--workers 2", server: server)
            #expect(try echo.says("[1.1] bad"))
            let lines = try echo.machine.journal(
                of: EchoUnit.name, "RELEVO_WORKER=1", "SYSLOG_IDENTIFIER=sh")
            #expect(Set(lines.map { $0["MESSAGE"] }) == ["[1.1] hello", "[1.1] bad"])
            #expect(Set(lines.map { $0["PRIORITY"] }) == ["6", "3"])
            #expect(lines.allSatisfy { $0["RELEVO_GENERATION"] == "1" })
            #expect(lines.allSatisfy { $0["_TRANSPORT"] == "journal" })
        }

        /// Where the journal reads a service, `relevo logs` asks that, also once the service has ended.
        @Test func isWhatTheLogsAreShownFrom() throws {
            let server = "/usr/bin/sh -c 'echo hello; exec relevo-load serve'"
            let echo = try EchoUnit.started("--workers 2", server: server)
            #expect(try echo.systemctl("reload").exit == .code(0))
            let all = try echo.machine.run("relevo", "logs", "echo")
            #expect(all.text.contains("new flows go to generation 2"), "\(all)")
            let one = try echo.machine.run("relevo", "logs", "echo", "-g", "2", "-w", "1")
            #expect(one.text.contains(": [2.1] hello"), "\(one)")
            #expect(!one.text.contains("[2.0]") && !one.text.contains("[1.1]"), "\(one)")
            #expect(try echo.systemctl("stop").exit == .code(0))
            let past = try echo.machine.run("relevo", "logs", "echo", "--json", "-n", "1000")
            #expect(past.text.contains("\"RELEVO_EVENT\":\"flipped\""), "\(past)")
        }

        @Test func isFoundAgainAfterItWasStartedAnew() throws {
            let echo = try EchoUnit.started()
            let restart = try echo.machine.systemctl("restart", "systemd-journald")
            #expect(restart.exit == .code(0))
            #expect(try echo.systemctl("reload").exit == .code(0))
            #expect(
                try TestKit.eventually {
                    try echo.machine.journal(of: EchoUnit.name, "RELEVO_PHASE=flip")
                        .contains { $0["RELEVO_GENERATION"] == "2" }
                })
        }

        @Test func getsTextWhereItsSocketIsOutOfReach() throws {
            let echo = try EchoUnit.started(extra: "InaccessiblePaths=/run/systemd/journal/socket")
            let flip = try echo.machine.journal(of: EchoUnit.name).first {
                $0["MESSAGE"] == "relevo[echo]: new flows go to generation 1"
            }
            #expect(flip?["PRIORITY"] == "5")
            #expect(flip?["_TRANSPORT"] == "stdout")
        }
    }
}
