import ArgumentParser
import ControlClient
import Foundation
import Kernel
import Settings
import TestKit
import Testing

@testable import relevo
@testable import relevo_load

/// What the pages tell a reader to type is understood.
///
/// Each command of `relevo` and `relevo-load` is read by the parser of that program, and what it makes of the options
/// is made; of one that stands in the text, and may leave out what does not matter there, the command and its options
/// are to exist. What needs nothing is run, and ServiceCommandTests ask a service. Scripts of the project are to be
/// there. All other programs are in `notRun`, with the reason. What else stands in the text is not looked at.
struct CommandTests {
    /// Why commands of these programs are neither run nor read here.
    private static let notRun = [
        "ansible-galaxy":
            "installs for its user; packaging/ansible/test/run has the collection in a folder",
        "ansible-playbook": "packaging/ansible/test/run plays it over machines with a systemd each",
        "apt": "installs on this machine; packaging/test-install has dpkg do it in another one",
        "curl": "needs the exporter at its port; ExporterTests ask one",
        "docker": "needs an engine and a registry; packaging/container/test tries the entry point",
        "go": "needs a toolchain; packaging/clients/test vets and tests the module",
        "kubectl":
            "needs a cluster; packaging/kubernetes/test builds the overlays and runs their pods",
        "pip": "installs for its user; packaging/clients/test has the package in a folder",
        "python3": "packaging/clients/test runs these tests",
        "swift": "a release build takes minutes; packaging/test makes one",
        "systemctl": "changes this machine; UnderSystemdTests have one of their own",
    ]
    /// Changes nothing, and needs nothing but the program.
    private static let run: Set = [
        "relevo --generate-completion-script bash", "relevo check-settings --keys",
    ]

    private static let all = Result { PageCommand.all(try Page.all()) }
    private let commands: [PageCommand]

    init() throws {
        commands = try Self.all.get()
        try #require(commands.count > 100)
    }

    @Test func eachCommandLineIsOneThatItsProgramUnderstands() {
        var words = KnownWords()
        for command in commands {
            let fault: String? =
                switch command.program {
                case "relevo" where command.isMention:
                    words.fault(in: HostArguments.moved(command.arguments), of: Relevo.self)
                case "relevo": Self.faultOfRelevo(command.arguments)
                case "relevo-load" where command.isMention:
                    words.fault(in: command.arguments, of: RelevoLoad.self)
                case "relevo-load": Self.fault(in: command.arguments, RelevoLoad.self)
                case let path where path.contains("/"): Self.faultOfScript(path)
                case let program:
                    Self.notRun[program] == nil
                        ? "\(program) is not known here: say in notRun why it is not tried" : nil
                }
            if let fault { Issue.record("\(command.place): \(command.text): \(fault)") }
        }
    }

    @Test func eachReasonNotToTryAProgramIsNeeded() {
        let programs = Set(commands.map(\.program))
        #expect(Set(Self.notRun.keys).subtracting(programs).isEmpty)
        #expect(Self.run.subtracting(commands.map(\.text)).isEmpty)
    }

    @Test func commandsInsideOfContainersAreUnderstoodAsWell() {
        var count = 0
        for command in commands where ["docker", "kubectl"].contains(command.program) {
            guard command.arguments.first == "exec",
                let at = command.words.firstIndex(of: "relevo")
            else { continue }
            count += 1
            let fault = Self.faultOfRelevo(Array(command.words[(at + 1)...]))
            #expect(fault == nil, "\(command.place): \(command.text)")
        }
        #expect(count >= 2)
    }

    @Test func eachBenchmarkOfThePageOnPerformanceIsThere() throws {
        let page = try #require(
            Page.all().first { $0.name == "Sources/relevo-load/PERFORMANCE.md" })
        let rows = page.text.compactMap { $0.firstMatch(of: #/^\| `(bench [^`]+)`/#)?.output.1 }
        #expect(rows.count > 15)
        for row in rows {
            let words = row.split(separator: " ").map(String.init)
            let fault = Self.fault(in: words, RelevoLoad.self)
            #expect(fault == nil, "\(row)")
        }
    }

    @Test func whatChangesNothingDoesWhatThePageSays() throws {
        for text in Self.run.sorted() {
            #expect(
                try Self.exit(text.split(separator: " ").dropFirst().map(String.init)), "\(text)")
        }
        // Instead of being written, its files are printed.
        let inits = Set(
            commands.filter { $0.words.starts(with: ["relevo", "init"]) }.map(\.arguments))
        #expect(!inits.isEmpty)
        for arguments in inits where arguments.contains("--") {
            #expect(try Self.exit(["init", "--print"] + arguments.dropFirst()), "\(arguments)")
        }
    }

    @Test func settingsThatAPageShowsAreRead() throws {
        var count = 0
        for page in try Page.all() {
            for block in page.blocks where block.kind == "ini" {
                let text = block.lines.joined(separator: "\n") + "\n"
                // A unit of systemd's.
                if text.contains(#/(?m)^(\[Socket\]|\[Unit\]|ExecStart=|NonBlocking=)/#) {
                    continue
                }
                // A page shows the part that it is about.
                let name = text.contains("Name=") ? "" : "[Service]\nName=page\nCommand=/bin/true\n"
                let listener =
                    text.contains("[Listener]") ? "" : "[Listener]\nAddress=udp://[::]:53\n"
                count += 1
                do throws(SettingsErrors) {
                    _ = try ServiceSettings.parse(
                        name + text + listener, file: block.place, inheritsSockets: false)
                } catch {
                    Issue.record("\(block.place): \(error.errors)")
                }
            }
        }
        #expect(count >= 3)
    }

    // MARK: The programs

    private static func faultOfRelevo(_ arguments: [String]) -> String? {
        var arguments = HostArguments.moved(arguments)
        do {
            try HostArguments.check(arguments)
            // Who connects takes the host from the command line of this very process.
            if let at = arguments.firstIndex(of: "-H") {
                _ = try RemoteHost(arguments[at + 1])
                arguments.removeSubrange(at...at + 1)
            }
            let command = try Relevo.parseAsRoot(arguments)
            switch command {
            case let run as RunCommand where !arguments.contains("--config"):
                _ = try run.settings()
            case let upgrade as UpgradeCommand where !arguments.contains("--config"):
                _ = try upgrade.request()
            default: break
            }
            return nil
        } catch let failure as Failure {
            return failure.message
        } catch {
            return Relevo.exitCode(for: error) == .success ? nil : Relevo.message(for: error)
        }
    }

    private static func fault(
        in arguments: [String], _ program: (some ParsableCommand).Type
    ) -> String? {
        do {
            _ = try program.parseAsRoot(arguments)
            return nil
        } catch {
            return program.exitCode(for: error) == .success ? nil : program.message(for: error)
        }
    }

    /// A script that the project has, or will have built.
    private static func faultOfScript(_ path: String) -> String? {
        FileManager.default.isExecutableFile(atPath: "\(Page.root)/\(path)")
            ? nil : "there is no such program in the project"
    }

    private static func exit(_ arguments: [String]) throws -> Bool {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? ""
        let folder = URL(fileURLWithPath: bundle).deletingLastPathComponent().path
        let process = try TestProcess(["\(folder)/relevo"] + arguments)
        let printed = try process.output.rest()
        return try process.exit() == .code(0) && !printed.isEmpty
    }
}
