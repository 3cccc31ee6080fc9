package import Kernel

/// A connection to a control socket: of this machine, or of another one over ssh, which ends with it.
package final class ServiceStream {
    package let connection: UnixConnection
    private let ssh: SecureShell?

    /// Connects to a control socket by its path, on the host that `-H` names.
    package init(to path: String, nonBlocking: Bool = false) throws(KernelError) {
        guard let host = RemoteHost.chosen else {
            connection = try UnixConnection(
                to: UnixAddress(path), kind: .stream, nonBlocking: nonBlocking)
            ssh = nil
            return
        }
        var pair = try UnixConnectionPair(kind: .stream, nonBlockingFirst: nonBlocking)
        ssh = try SecureShell(
            host, ["bridge", "--control=\(path)"], at: pair.takeSecond(), isHeard: false)
        connection = pair.takeFirst()
    }

    /// Runs a command of relevo on a host. What is complained of there is kept for who asks.
    package init(running arguments: [String], on host: RemoteHost) throws(KernelError) {
        var pair = try UnixConnectionPair(kind: .stream)
        ssh = try SecureShell(host, arguments, at: pair.takeSecond(), isHeard: true)
        connection = pair.takeFirst()
    }

    /// The paths that `relevo bridge --list` prints over there.
    package func paths() throws(KernelError) -> [String] {
        var text: [UInt8] = []
        while text.count < Self.most, let bytes = try connection.read(upTo: 65_536),
            !bytes.isEmpty
        {
            text += bytes
        }
        // What a shell over there says when it begins is none.
        return text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
            .filter { $0.hasPrefix("/") }
    }

    /// Some thousand services.
    private static let most = 1 << 20

    /// How ssh has ended, which is waited for; nil where there is none.
    package func end() -> ProcessExit? { ssh?.end() }

    /// Some of what was complained of; nil when there is nothing now, empty at the end.
    package func complained() throws(KernelError) -> [UInt8]? {
        guard let ssh else { return [] }
        return try ssh.complaints.read(upTo: 4_096)
    }

    /// Waits until somebody has complained, or ssh has ended.
    ///
    /// - Returns: false when it has ended.
    package func waitForComplaint() throws(KernelError) -> Bool { try ssh?.wait() ?? false }
}

/// ssh that runs.
private final class SecureShell {
    private let child: ChildProcess
    /// Its standard error, where that is heard.
    let complaints: OwnedDescriptor
    private var exit: ProcessExit?

    init(
        _ host: RemoteHost, _ arguments: [String], at end: consuming UnixConnection, isHeard: Bool
    ) throws(KernelError) {
        var pipe = try Pipe(nonBlockingReader: true)
        let words = host.command(arguments, ssh: Environment.value(of: "RELEVO_SSH"))
        let plan = SpawnPlan(
            executable: try resolveExecutable(words[0]), arguments: words,
            environment: Environment.strings())
        var descriptors = DescriptorPlan()
        try descriptors.place(end, at: 0)
        try descriptors.place(end, at: 1)
        let writer = pipe.takeWriter()
        if isHeard { try descriptors.place(writer, at: 2) }
        do throws(SpawnError) {
            child = try ChildProcess.spawn(plan, descriptors: descriptors)
        } catch {
            throw KernelError("execute", error.errno, on: words[0])
        }
        complaints = pipe.takeReader()
    }

    deinit {
        guard exit == nil else { return }
        _ = try? child.signal(SignalNumber.terminate)
        _ = try? child.waitForExit()
    }

    func end() -> ProcessExit? {
        if exit == nil { exit = try? child.waitForExit() }
        return exit
    }

    func wait() throws(KernelError) -> Bool {
        let loop = try EventLoop()
        var hasEnded = false
        let ended = try loop.register(child) { _ in hasEnded = true }
        let heard = try loop.register(complaints) { _ in }
        defer {
            loop.remove(ended)
            loop.remove(heard)
        }
        try loop.runOnce()
        return !hasEnded
    }
}
