import ArgumentParser
import Foundation
import Kernel
import Settings
import TestKit
import Testing

@testable import relevo

struct InitTests {
    private func plan(_ arguments: String...) throws -> InitPlan {
        try #require(InitCommand.parseAsRoot(Array(arguments)) as? InitCommand).plan()
    }

    private func text(_ plan: InitPlan, _ suffix: String) throws -> String {
        try #require(plan.files.first { $0.path.hasSuffix(suffix) }).text
    }

    @Test(arguments: [
        ("relevo@.service", UnitText.system), ("user/relevo@.service", UnitText.user),
    ])
    func theUnitIsThePackages(file: String, text: String) throws {
        let packaging = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../packaging/systemd/\(file)").standardized.path
        #expect(try String(decoding: readFile(packaging), as: UTF8.self) == text)
    }

    @Test func aUnitForAProgramElsewhereRunsThatAndNothingElseChanges() {
        let moved = UnitText.running("/opt/relevo", UnitText.system)
        #expect(moved.contains("\nExecStart=/opt/relevo run --resume "))
        #expect(moved.contains("\nExecReload=/opt/relevo upgrade %i --config "))
        #expect(UnitText.running("/usr/bin/relevo", moved) == moved)
        #expect(moved.replacing("/opt/relevo", with: "/usr/bin/relevo") == UnitText.system)
    }

    @Test func theSettingsAreWhatRunWouldTake() throws {
        let plan = try plan(
            "--directory", "/x", "--listen", "udp://:5000", "--workers", "3", "--user", "nobody",
            "--", "/bin/cat", "a b")
        let settings = try ServiceSettings.parse(
            text(plan, "/x/etc/relevo/cat.conf"), file: "cat.conf")
        #expect(settings.command == ["/bin/cat", "a b"] && settings.workers == 3)
        #expect(settings.name == "cat" && settings.user == nil)
        let dropIn = try text(plan, "/x/etc/systemd/system/relevo@cat.service.d/relevo-init.conf")
        #expect(dropIn.contains("\nUser=nobody\n") && !dropIn.contains("\nAmbientCapabilities="))
    }

    @Test func aLowPortAHomeAndAControlGroupAreOpened() throws {
        let plan = try plan(
            "--directory", "/x", "--listen", "udp://:53", "--control-group", "adm", "--private",
            "/run/a", "--", "/home/me/dnsd")
        let lines = try text(plan, "/relevo-init.conf").split(separator: "\n")
        for line in [
            "AmbientCapabilities=CAP_NET_BIND_SERVICE",
            "CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "ProtectHome=read-only",
            "SupplementaryGroups=adm", "AmbientCapabilities=CAP_SYS_ADMIN",
        ] { #expect(lines.contains(Substring(line))) }
        #expect(plan.warnings == ["/home/me/dnsd is not there, or cannot be executed"])
    }

    @Test func aUsersServiceNeedsNoPrivilege() throws {
        let place = try InitPlace(isUserService: true, below: "/x") {
            ["XDG_CONFIG_HOME": "/home/me/cfg"][$0]
        }
        #expect(
            place.settings == "/home/me/cfg/relevo" && place.units == "/home/me/cfg/systemd/user")
        let plan = try plan(
            "--user-service", "--directory", "/x", "--listen", "udp://:53", "--", "/bin/cat")
        let settings = try ServiceSettings.parse(text(plan, "/cat.conf"), file: "cat.conf")
        #expect(settings.listeners.map(\.steering) == [.auto])
        #expect(try !text(plan, "/relevo-init.conf").contains("CAP_"))
        #expect(plan.nextSteps.allSatisfy { !$0.contains("systemctl") || $0.contains("--user") })
        #expect(throws: (any Error).self) {
            try self.plan("--user-service", "--user", "x", "--listen", "udp://:1", "--", "/bin/cat")
        }
    }

    @Test func nothingIsOverwrittenUnlessForced() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("etc/relevo/a.conf")
        try makeFolders(folder.file("etc/relevo"))
        try writeFile(file, Array("mine\n".utf8))
        let arguments = [
            "init", "--name", "a", "--directory", folder.path, "--listen", "udp://:1",
        ]
        let refused = try run(arguments + ["--", "/bin/cat"])
        #expect(refused.exit == .code(1))
        #expect(refused.errors == ["relevo: \(file) is there already; --force overwrites it"])
        #expect(try FileStatus(of: folder.file("etc/systemd")) == nil)
        let forced = try run(arguments + ["--force", "--", "/bin/cat"])
        #expect(forced.exit == .code(0) && forced.errors.isEmpty)
        #expect(try readFile(file).count > 100)
    }

    /// A template that is there, a package's say, stays the only one.
    @Test func theSharedUnitIsWrittenOnlyWhereThereIsNone() throws {
        let folder = try TemporaryFolder()
        try makeFolders(folder.file("usr/lib/systemd/system"))
        try writeFile(folder.file("usr/lib/systemd/system/relevo@.service"), [])
        let plan = try plan("--directory", folder.path, "--listen", "udp://:1", "--", "/bin/cat")
        #expect(plan.files.count == 2)
    }

    @Test(arguments: [
        ("30s", nil), ("5min", "TimeoutStopSec=351s"), ("infinity", "TimeoutStopSec=351s"),
    ])
    func aStopThatTakesLongHasTheTimeInItsUnit(_ drain: String, _ line: String?) throws {
        let folder = try TemporaryFolder()
        let plan = try plan(
            "--directory", folder.path, "--listen", "udp://:1", "--drain-timeout", "5min",
            "--stop-drain-timeout", drain, "--", "/bin/cat")
        let found = plan.files.flatMap { $0.text.split(separator: "\n") }
            .first { $0.hasPrefix("TimeoutStopSec=") && $0 != "TimeoutStopSec=90s" }
        #expect(found.map(String.init) == line)
    }

    @Test(.enabled(if: InitTests.hasAnalyzer, "systemd-analyze is not installed"))
    func systemdFindsNoMistake() throws {
        let folder = try TemporaryFolder()
        let written = try run([
            "init", "--name", "a", "--directory", folder.path, "--listen", "udp://:53",
            "--private", "/run/a", "--user", "daemon", "--", "/bin/cat",
        ])
        #expect(written.exit == .code(0))
        let units = folder.file("etc/systemd/system")
        let process = try TestProcess(
            ["/usr/bin/systemd-analyze", "verify", "--man=no", "\(units)/relevo@a.service"],
            environment: ["SYSTEMD_UNIT_PATH=\(units):"], separateErrors: true)
        let complaints = try process.errors.rest()
        #expect(complaints.filter { $0.contains("relevo@") }.isEmpty)
        #expect(try process.exit() == .code(0))
    }

    private static var hasAnalyzer: Bool {
        (try? resolveExecutable("/usr/bin/systemd-analyze")) != nil
    }

    private func run(_ arguments: [String]) throws -> Program.Outcome {
        let process = try TestProcess(
            ["\(Program.folder)/relevo"] + arguments, environment: [], separateErrors: true)
        return Program.Outcome(
            output: try process.output.rest(), errors: try process.errors.rest(),
            exit: try process.exit())
    }
}
