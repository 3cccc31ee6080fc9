import Kernel
import TestKit
import Testing

@testable import Keeper

/// A keeper as a process of its own, and a test as its supervisors one after the other.
final class KeeperBed {
    let folder: TemporaryFolder
    let process: TestProcess
    let loop: EventLoop
    private(set) var link: KeeperLink?
    var exits: [String: ProcessExit] = [:]
    /// Whose ends they are.
    var ended: [String: Int32] = [:]
    var complaints: [String] = []
    var isLost = false
    var isLifeLineLost = false
    private let rule: StopRule

    init(stopTimeout: Duration = .seconds(20)) throws {
        folder = try TemporaryFolder()
        loop = try EventLoop()
        rule = StopRule(signal: 15, timeout: stopTimeout)
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let theirs = pair.takeSecond()
        var descriptors = DescriptorPlan()
        try descriptors.place(theirs, at: 3)
        let door = try UnixListener(
            at: UnixAddress(folder.file("keeper")), kind: .sequencedPacket)
        try descriptors.place(door, at: 4)
        process = try TestProcess(
            [try Programs.path("relevod"), "keeper", folder.file("keeper")],
            descriptors: descriptors)
        _ = consume theirs
        _ = consume door
        let link = try KeeperLink(pair.takeFirst(), rule, in: loop)
        try link.waitForWelcome()
        listen(to: link)
    }

    deinit {
        // Workers end with it when it is asked; a test that failed must leave none.
        if link == nil { link = try? KeeperLink.connect(at: path, rule, in: loop) }
        link?.end()
    }

    var path: String { folder.file("keeper") }

    /// The link, which must be there.
    func supervisor() throws -> KeeperLink { try #require(link) }

    /// Ends the supervisor without a word, as a crash does.
    func crash() { link = nil }

    /// A later supervisor.
    func reconnect() throws {
        crash()
        (exits, ended) = ([:], [:])
        listen(to: try KeeperLink.connect(at: path, rule, in: loop))
    }

    /// A later supervisor that has the life line's other end.
    func reconnect(over lifeLine: borrowing UnixConnection) throws {
        crash()
        (exits, ended) = ([:], [:])
        listen(to: try KeeperLink.connect(over: lifeLine, rule, in: loop))
    }

    private func listen(to link: KeeperLink) {
        link.exited = { [unowned self] in
            exits[$0] = $2
            ended[$0] = $1
        }
        link.lost = { [unowned self] in isLost = true }
        link.complained = { [unowned self] in complaints.append($0) }
        link.lifeLineLost = { [unowned self] in isLifeLineLost = true }
        self.link = link
    }

    /// A connection that says what no supervisor would; the channel must be free.
    func stranger() throws -> UnixConnection {
        crash()
        return try UnixConnection(to: UnixAddress(path), kind: .sequencedPacket)
    }

    /// Runs the loop until something is so; false when the time is over.
    func until(_ condition: () -> Bool) throws -> Bool {
        var isOver = false
        let limit = loop.schedule(at: MonotonicClock.now() + .seconds(20)) { isOver = true }
        while !condition() && !isOver { try loop.runOnce() }
        loop.remove(limit)
        return condition()
    }

    /// Starts a shell as a worker and waits for it.
    func spawn(
        _ name: String, _ script: String, _ descriptors: consuming DescriptorPlan = DescriptorPlan()
    ) throws -> KeptProcess {
        var plan = SpawnPlan(
            executable: "/bin/sh", arguments: ["sh", "-c", script],
            environment: Environment.strings())
        plan.session = .newGroup
        return try spawn(name, plan, descriptors)
    }

    /// Starts one with an environment of its own, as a supervisor does.
    func spawn(
        _ name: String, marked mark: Int, _ script: String,
        _ descriptors: consuming DescriptorPlan = DescriptorPlan()
    ) throws -> KeptProcess {
        var plan = SpawnPlan(
            executable: "/bin/sh", arguments: ["sh", "-c", script],
            environment: Environment.strings() + ["NOTIFY_SOCKET=\(folder.file("notify.\(mark)"))"])
        plan.session = .newGroup
        return try spawn(name, plan, descriptors)
    }

    func spawn(
        _ name: String, _ plan: SpawnPlan,
        _ descriptors: consuming DescriptorPlan = DescriptorPlan()
    ) throws -> KeptProcess {
        var outcome: Result<SpawnedWorker, KeeperError>?
        try supervisor().spawn(name, plan, descriptors) { outcome = $0 }
        #expect(try until { outcome != nil })
        guard let outcome else { throw KeeperError.silent }
        return try outcome.get().process
    }

    /// How many descriptors the keeper has open.
    func openDescriptors() throws -> Int { try listFolder("/proc/\(process.pid)/fd").count }

    /// Whether the keeper has ended well and left no socket.
    func hasEnded() throws -> Bool {
        let exit = try process.exit()
        let socket = try FileStatus(of: path)
        return exit == .code(0) && socket == nil
    }
}

/// Whether a process ends now or soon.
func ends(_ process: KeptProcess) throws -> Bool {
    try process.wait(for: .readable, within: .seconds(20))
}
