import Kernel
import TestKit

/// An OpenSSH server with keys of its own on loopback, and a client's configuration for it.
final class SecureShellServer {
    static let port = 2222
    private let folder: TemporaryFolder
    private let process: TestProcess

    /// - Parameters:
    ///   - service: whose runtime folder commands are started in.
    ///   - path: PATH of the commands; nil: with the programs that are tested.
    init(for service: Service, path: String? = nil) throws {
        folder = try TemporaryFolder()
        for key in ["host", "user"] {
            let made = try Finished.running(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.file(key)])
            guard made.exit == .code(0) else { throw Unprepared(lines: made.errors) }
        }
        let relevo = try Programs.path("relevo")
        let programs = relevo.split(separator: "/").dropLast().joined(separator: "/")
        try folder.write(
            "sshd", "Port \(Self.port)", "ListenAddress 127.0.0.1",
            "HostKey \(folder.file("host"))",
            "AuthorizedKeysFile \(folder.file("user.pub"))", "StrictModes no", "UsePAM no",
            "PidFile none", "PermitRootLogin yes", "MaxStartups 100",
            "SetEnv PATH=\(path ?? "/\(programs):/usr/bin:/bin") "
                + "RUNTIME_DIRECTORY=\(service.folder.file("run"))")
        let key = String(decoding: try readFile(folder.file("host.pub")), as: UTF8.self)
        try folder.write("known", "[127.0.0.1]:\(Self.port) \(key)")
        try folder.write(
            "client", "IdentityFile \(folder.file("user"))", "IdentitiesOnly yes",
            "UserKnownHostsFile \(folder.file("known"))", "GlobalKnownHostsFile none",
            "StrictHostKeyChecking yes", "BatchMode yes", "LogLevel ERROR")
        // Where sshd keeps what it separates its privileges by.
        _ = try? makeFolder("/run/sshd", mode: 0o755)
        process = try TestProcess(["/usr/sbin/sshd", "-D", "-e", "-f", folder.file("sshd")])
        let isListening = try process.output.next { $0.contains("Server listening") }
        guard isListening != nil else {
            throw Unprepared(lines: process.output.lines)
        }
    }

    /// The host's key as another one's.
    func forgetHost() throws { try folder.write("known", "") }

    /// As a client's environment, in which no service of this machine is named.
    var environment: [String] {
        Environment.strings().filter { !$0.hasPrefix("RUNTIME_DIRECTORY=") }
            + ["RELEVO_SSH=ssh -F \(folder.file("client"))"]
    }

    /// Runs the command line with the host named before the command.
    func relevo(_ arguments: String...) throws -> Finished {
        try Finished.running(words + arguments, environment: environment)
    }

    /// Starts it and leaves it running.
    func starting(_ arguments: String...) throws -> TestProcess {
        try TestProcess(words + arguments, environment: environment, separateErrors: true)
    }

    private var words: [String] {
        get throws { [try Programs.path("relevo"), "-H", "root@127.0.0.1:\(Self.port)"] }
    }

    private struct Unprepared: Error {
        let lines: [String]
    }

    /// Ends it and all its connections.
    func end() throws {
        for child in try ProcessView.children(of: process.pid, in: process.pid) {
            try ProcessHandle(opening: child).signal(9)
        }
        try process.signal(9)
    }
}

extension TemporaryFolder {
    /// Writes a file of lines.
    fileprivate func write(_ name: String, _ lines: String...) throws {
        try writeFile(file(name), Array((lines.joined(separator: "\n") + "\n").utf8))
    }
}
