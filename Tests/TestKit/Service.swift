package import ControlProtocol
import FoundationEssentials
package import Kernel

/// A service under a real supervisor, started as its user starts it; stopped with the test.
package final class Service {
    /// Its runtime folder, and whatever else the test keeps there.
    package let folder: TemporaryFolder
    package private(set) var process: TestProcess { didSet { log = ServiceLog(process.output) } }
    private var log: ServiceLog
    /// What its programs, and those that are to find it, have as their environment.
    package let environment: [String]
    private let start: [String]
    private let command: [String]

    /// Starts `relevo run` with these options; it may still be starting when this returns.
    package init(
        _ options: [String], command: [String], environment added: [String] = [],
        as launcher: [String] = [], relevo: String? = nil, adopting pid: Int32? = nil
    ) throws {
        folder = try TemporaryFolder()
        // Workers of other users reach their sockets in it.
        try changeMode(of: folder.path, to: 0o711)
        let own = [
            "RUNTIME_DIRECTORY=\(folder.file("run"))", "STATE_DIRECTORY=\(folder.file("state"))",
        ]
        environment =
            Environment.strings()
            + own.filter { variable in
                !added.contains { $0.hasPrefix(variable.prefix { $0 != "=" } + "=") }
            } + added
        start = launcher + [try relevo ?? Programs.path("relevo"), "run"] + options
        self.command = command
        let adopt = launcher + [try relevo ?? Programs.path("relevo"), "adopt", "\(pid ?? 0)"]
        process = try TestProcess(
            (pid == nil ? start : adopt + options) + ["--"] + command, environment: environment)
        log = ServiceLog(process.output)
    }

    /// Ends the supervisor as a crash would, and waits until it is gone.
    package func crash() throws {
        try process.signal(9)
        _ = try process.exit()
    }

    /// Starts the next supervisor; it may still be taking over when this returns.
    package func resume(_ more: [String] = ["--resume"]) throws {
        process = try TestProcess(start + more + ["--"] + command, environment: environment)
    }

    /// Ends the supervisor as a crash would and waits until the next one has taken over.
    package func succeed() throws {
        try crash()
        try resume()
        guard try line(with: "took over") != nil else {
            throw NotStarted(lines: process.output.lines)
        }
    }

    /// Starts it and waits until its first generation is current.
    package static func current(
        _ options: [String], command: [String], environment: [String] = [],
        as launcher: [String] = [], relevo: String? = nil, adopting pid: Int32? = nil
    ) throws -> Service {
        let service = try Service(
            options, command: command, environment: environment, as: launcher,
            relevo: relevo, adopting: pid)
        guard try service.line(with: "new flows go to generation 1") != nil else {
            throw NotStarted(lines: service.process.output.lines)
        }
        return service
    }

    deinit {
        // Its workers end with it only when it is asked; a test that failed must leave none.
        // It is named by its socket: without a name, one that has ended already would have another
        // test's service stopped.
        let control = "\(folder.file("run"))/\(RuntimeFolder.controlSocket)"
        _ = try? relevo("stop", "--control", control, "--drain-timeout", "0")
        // It clears its folder up itself, which would get in the way of who removes that.
        _ = try? process.exit(within: .seconds(5))
        endOrphans()
    }

    /// Waits for a line of the supervisor's log, or of a worker, that has this in it and comes after
    /// the line of the same source that was waited for last.
    @discardableResult
    package func line(
        with text: String, within limit: Duration = .seconds(20)
    ) throws(KernelError) -> String? {
        try log.next(with: text, within: limit)
    }

    /// Runs the command line against the service.
    @discardableResult
    package func relevo(_ arguments: String...) throws -> Finished { try relevo(arguments) }

    /// Runs the command line against the service.
    @discardableResult
    package func relevo(_ arguments: [String]) throws -> Finished {
        try Finished.running([try Programs.path("relevo")] + arguments, environment: environment)
    }

    /// Starts the command line against the service and leaves it running.
    package func starting(_ arguments: String...) throws -> TestProcess {
        try starting(arguments)
    }

    /// Starts the command line against the service and leaves it running.
    package func starting(_ arguments: [String]) throws -> TestProcess {
        try TestProcess(
            [try Programs.path("relevo")] + arguments, environment: environment,
            separateErrors: true)
    }

    /// Where the service stands.
    package func status() throws -> ServiceStatus {
        let answer = try relevo("status", "--json")
        return try JSONDecoder().decode(ServiceStatus.self, from: Data(answer.text.utf8))
    }

    /// Waits until the service stands so.
    package func eventually(_ condition: (ServiceStatus) -> Bool) throws -> Bool {
        try TestKit.eventually { condition(try status()) }
    }

    /// The process of a worker of the generation that is current.
    package func worker(_ index: Int = 0) throws -> Int32? {
        let status = try status()
        return status.generations.first { $0.id == status.current }?
            .workers.first { $0.index == index }?.pid.map { Int32($0) }
    }

    /// Kills a worker that the service has started.
    package func kill(worker index: Int = 0) throws {
        guard let pid = try worker(index) else { throw NotStarted(lines: ["no worker \(index)"]) }
        try ProcessHandle(opening: pid).signal(9)
    }
}

/// A service that did not start, with what it said.
package struct NotStarted: Error, CustomStringConvertible {
    let lines: [String]
    package var description: String { "not started:\n" + lines.joined(separator: "\n") }
}
