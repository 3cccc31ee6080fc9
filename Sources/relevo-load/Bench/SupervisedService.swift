import ControlProtocol
import Kernel

/// Our echo server under the `relevo` beside this program, in a runtime folder of its own.
final class SupervisedService {
    let address: SocketAddress
    /// Of this service alone: its processes can be known by it.
    let folder: String
    /// Replaced when another one takes over.
    private(set) var supervisor: ChildProcess
    private let environment: [String]
    private let relevo: String
    private let arguments: [String]
    private var isStopped = false

    /// Starts it and waits until its first generation is current.
    ///
    /// - Parameters:
    ///   - serve: options of the echo server.
    ///   - command: another server of this program, given the address.
    ///   - log: where what the supervisor says goes, if not into its folder.
    ///   - program: what else is started, with its arguments.
    init(
        options: [String], serve: [String] = [],
        command: ((SocketAddress, String) -> [String])? = nil, log: String? = nil,
        program: [String]? = nil
    ) throws {
        let own = try readLink("/proc/self/exe")
        let beside = String(own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex))
        relevo = try resolveExecutable(beside + "/relevo")
        // A supervisor's files are in memory as a rule, below /run.
        folder = try makeTemporaryFolder(prefix: Self.memoryFolder + "/relevo-")
        try makeFolder(folder + "/bench")
        try makeFolder(folder + "/state")
        // Nothing of an earlier run is read, and nothing is left.
        let places = ["RUNTIME_DIRECTORY=\(folder)/bench", "STATE_DIRECTORY=\(folder)/state"]
        environment =
            Environment.strings().filter { entry in
                !places.contains { entry.hasPrefix($0.prefix { $0 != "=" } + "=") }
            } + places
        address = try Self.freeAddress()
        let server = command?(address, folder) ?? ["serve"] + serve
        arguments =
            ["--name", "bench", "--listen", "udp://\(address)"] + options
            + ["--"] + (program ?? [own] + server)
        supervisor = try Self.spawn(
            relevo, ["run"] + arguments, environment, log: log ?? folder + "/log")
        try waitUntilCurrent()
    }

    /// Starts the supervisor that takes over from one that was killed.
    func startSuccessor() throws {
        supervisor = try Self.spawn(
            relevo, ["run", "--resume"] + arguments, environment, log: folder + "/log")
    }

    private static func spawn(
        _ relevo: String, _ arguments: [String], _ environment: [String], log path: String
    ) throws -> ChildProcess {
        var plan = SpawnPlan(
            executable: relevo, arguments: ["relevo"] + arguments, environment: environment)
        plan.session = .newGroup
        // Ctrl-C and a crash of the benchmark end the supervisor, and that its workers.
        plan.deathSignal = SignalNumber.terminate
        let log = try openFile(path, FileFlags.append)
        var descriptors = DescriptorPlan()
        try descriptors.place(log, at: 1)
        try descriptors.place(log, at: 2)
        return try ChildProcess.spawn(plan, descriptors: descriptors)
    }

    /// What the supervisor's process is.
    var supervisorID: Int32 { supervisor.pid }

    /// Where it is spoken to.
    var controlPath: String { "\(folder)/bench/\(RuntimeFolder.controlSocket)" }

    /// Where the service stands.
    func status() throws -> ServiceStatus {
        let connection = try UnixConnection(to: UnixAddress(controlPath), kind: .stream)
        try connection.writeAll(ControlCall(.getStatus).frame())
        var splitter = FrameSplitter()
        while true {
            if let frame = try splitter.next() {
                return try ControlAnswer<StatusReply>.decode(frame).parameters.status
            }
            guard try connection.wait(for: .readable, within: .seconds(30)) else {
                throw LoadError("the supervisor does not answer: \(tail())")
            }
            guard let bytes = try connection.read(upTo: 65_536), !bytes.isEmpty else {
                throw LoadError("the supervisor closed the connection")
            }
            splitter.append(bytes)
        }
    }

    /// Starts `relevo upgrade`; readable, by its pidfd, once it has ended.
    func beginUpgrade(_ options: [String] = []) throws -> ChildProcess {
        try begin(["upgrade"] + options)
    }

    /// Starts a command of `relevo` about this service.
    func begin(_ command: [String]) throws -> ChildProcess {
        var plan = SpawnPlan(
            executable: relevo, arguments: ["relevo"] + command, environment: environment)
        plan.session = .newGroup
        let log = try openFile(folder + "/upgrades", FileFlags.append)
        var descriptors = DescriptorPlan()
        try descriptors.place(log, at: 1)
        try descriptors.place(log, at: 2)
        return try ChildProcess.spawn(plan, descriptors: descriptors)
    }

    /// Upgrades and waits until the new generation is current; how long the command took.
    func upgrade() throws -> Duration {
        let start = MonotonicClock.now()
        let command = try beginUpgrade()
        let exit = try command.waitForExit()
        guard exit == .code(0) else { throw LoadError("relevo upgrade failed: \(tail())") }
        return MonotonicClock.now() - start
    }

    /// Waits until no old generation is left.
    func waitUntilSettled(within limit: Duration = .seconds(60)) throws {
        let deadline = MonotonicClock.now() + limit
        while try status().handover != nil {
            _ = try supervisor.wait(for: .readable, within: .milliseconds(20))
            if MonotonicClock.now() > deadline { throw LoadError("no end of it: \(tail())") }
        }
    }

    /// The last lines that the supervisor and the upgrades have printed.
    func tail() -> String {
        let text = ["upgrades", "log"].flatMap { (try? readFile("\(folder)/\($0)")) ?? [] }
        return String(decoding: text.suffix(2000), as: UTF8.self)
    }

    /// Stops it without a drain and removes its folder.
    func stop() throws {
        guard !isStopped else { return }
        isStopped = true
        var plan = SpawnPlan(
            executable: relevo, arguments: ["relevo", "stop", "--drain-timeout", "0"],
            environment: environment)
        plan.session = .newGroup
        var descriptors = DescriptorPlan()
        let log = try openFile(folder + "/upgrades", FileFlags.append)
        try descriptors.place(log, at: 1)
        _ = try ChildProcess.spawn(plan, descriptors: descriptors).waitForExit()
        if try !supervisor.wait(for: .readable, within: .seconds(20)) {
            try supervisor.signal(SignalNumber.kill)
        }
        _ = try? supervisor.waitForExit()
        Self.clear(folder)
    }

    private static func clear(_ path: String) {
        if (try? removeFile(path)) != nil { return }
        for name in (try? listFolder(path)) ?? [] { clear("\(path)/\(name)") }
        try? removeFolder(path)
    }

    deinit { try? stop() }

    private func waitUntilCurrent() throws {
        let deadline = MonotonicClock.now() + .seconds(30)
        while (try? status())?.current == nil {
            if try supervisor.wait(for: .readable, within: .milliseconds(20)) {
                throw LoadError("relevo run ended: \(tail())")
            }
            if MonotonicClock.now() > deadline {
                throw LoadError("the service does not start: \(tail())")
            }
        }
    }

    private static var memoryFolder: String {
        (try? listFolder("/dev/shm")) == nil ? "/tmp" : "/dev/shm"
    }

    private static func freeAddress() throws(KernelError) -> SocketAddress {
        try DatagramSocket.bound(
            to: .loopback(), options: DatagramSocketOptions(reusePort: false)
        ).localAddress()
    }
}
