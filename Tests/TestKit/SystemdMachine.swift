import FoundationEssentials
import Kernel

/// A real systemd as PID 1 in namespaces of its own (Tests/systemd/machine), gone with the test.
///
/// The programs of the package are in /usr/bin there, for units that expect them where a package
/// puts them.
package final class SystemdMachine {
    private static let script =
        String(#filePath.dropLast("TestKit/SystemdMachine.swift".utf8.count)) + "systemd/machine"
    /// Where the built programs are in it.
    private static let programs = "/opt/relevo"

    /// Why there can be none here; nil where it can be had. Finding out boots one.
    package static let hindrance: String? = {
        do {
            let tried = try Finished.running([script], within: .seconds(60))
            if tried.output.first?.hasPrefix("ready ") ?? false { return nil }
            return tried.errors.last ?? "it says nothing"
        } catch {
            return "\(error)"
        }
    }()

    private let process: TestProcess
    private var lifeLine: OwnedDescriptor?
    /// Its PID 1, by the number that it has here.
    private let pid: String

    /// Boots one with these unit files, by their names.
    package init(units: [String: String] = [:]) throws {
        let folder = try TemporaryFolder()
        var options: [String] = []
        for (name, text) in units {
            try writeFile(folder.file(name), Array(text.utf8))
            options += ["-u", folder.file(name)]
        }
        let tests = try readLink("/proc/self/exe")
        let built = tests.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        options += ["-b", built.joined(separator: "/") + ":" + Self.programs]
        var pipe = try Pipe()
        var descriptors = DescriptorPlan()
        try descriptors.place(pipe.takeReader(), at: 0)
        process = try TestProcess(
            [Self.script] + options, separateErrors: true, descriptors: descriptors)
        lifeLine = pipe.takeWriter()
        guard let line = try process.output.next(within: .seconds(60)), line.hasPrefix("ready ")
        else { throw NotStarted(lines: try process.errors.rest(within: .seconds(5))) }
        pid = String(line.dropFirst("ready ".utf8.count))
        for program in ["relevo", "relevod", "relevo-load"] {
            try run("ln", "-s", "\(Self.programs)/\(program)", "/usr/bin/\(program)")
        }
    }

    deinit {
        lifeLine = nil
        _ = try? process.exit(within: .seconds(20))
    }

    /// Runs a command in it, to its end.
    @discardableResult
    package func run(_ command: String...) throws -> Finished {
        try Finished.running(inside(command))
    }

    /// Runs shell text in it, to its end.
    @discardableResult
    package func shell(_ text: String) throws -> Finished {
        try Finished.running(inside(["bash", "-euc", text]))
    }

    /// Starts a command in it and leaves it running; a signal ends only what waits for it here.
    package func start(_ command: String...) throws -> TestProcess {
        try TestProcess(inside(command), separateErrors: true)
    }

    /// Runs `systemctl`; its words on failure are in the errors.
    @discardableResult
    package func systemctl(_ arguments: String...) throws -> Finished {
        try Finished.running(inside(["systemctl", "--no-pager"] + arguments))
    }

    /// A property of a unit, as `systemctl show` prints it.
    package func property(_ name: String, of unit: String) throws -> String {
        try systemctl("show", "--value", "--property", name, unit).text
    }

    /// The main process of a unit, by the number that it has in there; 0 when it has none.
    package func mainProcess(of unit: String) throws -> Int {
        Int(try property("MainPID", of: unit)) ?? 0
    }

    /// What the journal has of a unit, field by field; fields that are no text are left out.
    package func journal(of unit: String, _ matches: String...) throws -> [[String: String]] {
        let lines = try Finished.running(
            inside(["journalctl", "-q", "-o", "json", "--all", "-u", unit] + matches)
        ).output
        return try lines.map { line in
            try JSONDecoder().decode([String: JournalValue].self, from: Data(line.utf8))
                .compactMapValues(\.text)
        }
    }

    /// Waits until the journal has an entry of the unit with this in its message.
    package func says(_ text: String, unit: String) throws -> Bool {
        try eventually {
            try journal(of: unit).contains { $0["MESSAGE"]?.contains(text) ?? false }
        }
    }

    /// Starts a load on a service in it.
    package func load(_ options: [String], to address: String = "127.0.0.1:4433") throws -> Load {
        try Load(
            to: address, options, as: ["nsenter", "--target", pid, "--net", "--no-fork", "--"])
    }

    /// Waits until it has powered itself off.
    package func ends(within limit: Duration) throws -> Bool {
        try process.exit(within: limit) != nil
    }

    private func inside(_ command: [String]) -> [String] {
        [
            "nsenter", "--target", pid, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup",
            "--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
            "LANG=C.UTF-8", "SYSTEMD_PAGER=",
        ] + command
    }
}

/// A field of a journal entry: text, or bytes as numbers, or several of one name.
private struct JournalValue: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
        text = try? decoder.singleValueContainer().decode(String.self)
    }
}
