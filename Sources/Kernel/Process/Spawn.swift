import CKernel
import Glibc
import SystemPackage

/// What a child wrote to its report pipe instead of running its program.
struct SpawnFailure {
    let step: SpawnStep
    let errno: Errno
    let index: Int

    func error(in plan: SpawnPlan) -> SpawnError {
        let subject =
            switch step {
            case .privateFolder: plan.privateFolders[index]
            case .workingFolder: plan.workingFolder ?? ""
            case .clone, .session, .namespace, .descriptors, .close, .groups, .group, .user,
                .deathSignal, .noNewPrivileges, .exec, .interception:
                plan.executable
            }
        return SpawnError(step: step, errno: errno, subject: subject)
    }
}

/// What became of a child at its exec.
enum SpawnAttempt: ~Copyable {
    case running(ChildProcess)
    case failed(SpawnFailure)
}

extension ChildProcess {
    /// Starts the child and waits for its exec.
    static func attempt(
        _ plan: SpawnPlan, _ descriptors: consuming DescriptorPlan,
        _ interception: inout Interception
    ) throws(SpawnError) -> SpawnAttempt {
        do throws(KernelError) {
            try descriptors.completeStandard()
            var reports = try SpawnReports(carryingDescriptors: plan.interceptsBind)
            let writer = reports.takeWriter()
            let child = try clone(plan, descriptors, report: writer.number)
            _ = consume writer
            if let failure = try child.failure(from: reports, &interception) {
                return .failed(failure)
            }
            return .running(child)
        } catch {
            throw SpawnError(step: .clone, errno: error.errno, subject: plan.executable)
        }
    }

    /// Makes the child; it runs the plan on its own from here on.
    static func clone(
        _ plan: SpawnPlan, _ descriptors: borrowing DescriptorPlan, report: Int32
    ) throws(KernelError) -> ChildProcess {
        var arguments = try CStringArray(plan.arguments, for: "execve")
        var environment = try CStringArray(plan.environment, for: "execve")
        let ownPID = plan.environment.count
        if plan.givesOwnPID { environment.append("LISTEN_PID=", room: 12) }
        var folders = try CStringArray(plan.privateFolders, for: "mount")
        var names = try CStringArray(
            [plan.privateBase] + plan.privateFolders.map(SpawnPlan.privateName), for: "mount")
        var placements = descriptors.pairs.map {
            relevo_placement(source: $0.source, target: $0.target)
        }
        let groups = plan.identity?.groups ?? []
        var pid: pid_t = -1
        let pidfd = try unsafe arguments.withPointers { (arguments) throws(KernelError) in
            try unsafe environment.withPointers { (environment) throws(KernelError) in
                try unsafe folders.withPointers { (folders) throws(KernelError) in
                    try unsafe names.withPointers { (names) throws(KernelError) in
                        var raw = unsafe relevo_spawn_plan()
                        unsafe raw.report = report
                        unsafe raw.arguments = UnsafePointer(arguments)
                        unsafe raw.environment = UnsafePointer(environment)
                        unsafe raw.private_folders = UnsafePointer(folders)
                        unsafe raw.private_names = UnsafePointer(names)
                        if plan.givesOwnPID, let variable = unsafe environment[ownPID] {
                            unsafe raw.own_pid = variable + "LISTEN_PID=".utf8.count
                        }
                        unsafe raw.take(plan)
                        return try check("clone3", on: plan.executable) {
                            unsafe run(&raw, plan, &placements, groups, &pid)
                        }
                    }
                }
            }
        }
        let handle = ProcessHandle(adopting: OwnedDescriptor(adopting: pidfd))
        return ChildProcess(pid: pid, handle: handle)
    }

    private static func run(
        _ raw: inout relevo_spawn_plan, _ plan: SpawnPlan, _ placements: inout [relevo_placement],
        _ groups: [gid_t], _ pid: inout pid_t
    ) -> Int32 {
        unsafe raw.placement_count = placements.count
        unsafe raw.group_count = groups.count
        return unsafe KeptText.withBytes(of: plan.executable) { path in
            unsafe raw.path = path
            return unsafe placements.withUnsafeMutableBufferPointer { placements in
                unsafe raw.placements = placements.baseAddress
                return unsafe groups.withUnsafeBufferPointer { groups in
                    unsafe raw.groups = groups.baseAddress
                    guard let folder = plan.workingFolder else {
                        return unsafe relevo_spawn(&raw, &pid)
                    }
                    return unsafe KeptText.withBytes(of: folder) {
                        unsafe raw.working_folder = $0
                        return unsafe relevo_spawn(&raw, &pid)
                    }
                }
            }
        }
    }

    /// Waits until the child runs its program (nil) or says why it cannot; then it is reaped.
    func failure(
        from reports: borrowing SpawnReports, _ interception: inout Interception
    ) throws(KernelError) -> SpawnFailure? {
        do throws(KernelError) {
            while let failure = try reports.next(&interception) {
                if failure.step == .interception { continue }
                _ = try handle.reap(waiting: true)
                return failure
            }
            return nil
        } catch {
            // A child of which nobody knows whether it runs must not stay behind.
            handle.withRaw { number in
                var end = relevo_exit()
                _ = relevo_pidfd_send_signal(number, SIGKILL)
                _ = unsafe relevo_reap(number, 1, &end)
            }
            throw error
        }
    }
}

extension relevo_spawn_plan {
    /// Copies what is not a pointer.
    fileprivate mutating func take(_ plan: SpawnPlan) {
        let session: relevo_session =
            switch plan.session {
            case .same: RELEVO_SESSION_SAME
            case .newGroup: RELEVO_SESSION_GROUP
            case .newSession: RELEVO_SESSION_NEW
            }
        unsafe self.session = Int32(session.rawValue)
        unsafe creation_mask = plan.creationMask.map { Int32($0 & 0o777) } ?? -1
        unsafe changes_identity = plan.identity == nil ? 0 : 1
        unsafe uid = plan.identity?.uid ?? 0
        unsafe gid = plan.identity?.gid ?? 0
        unsafe death_signal = plan.deathSignal ?? 0
        unsafe no_new_privileges = plan.forbidsNewPrivileges ? 1 : 0
        unsafe intercepts_bind = plan.interceptsBind ? 1 : 0
        unsafe open_files = OpenFiles.before ?? 0
        unsafe limits_file_size = FileSizes.before == nil ? 0 : 1
        unsafe file_size = FileSizes.before ?? 0
    }
}

/// What a child says, between its start and its exec, through a line that the exec closes.
struct SpawnReports: ~Copyable {
    private enum Reader: ~Copyable {
        case pipe(OwnedDescriptor)
        case socket(UnixConnection)
    }

    private let reader: Reader
    private var writer: OwnedDescriptor?

    /// - Parameter carryingDescriptors: it may hand one over, which takes a socket.
    init(carryingDescriptors: Bool) throws(KernelError) {
        // Each by an initializer of its own: Swift 6.2 compiles none that fails between two such parts.
        if carryingDescriptors {
            self.init(try UnixConnectionPair(kind: .sequencedPacket))
        } else {
            self.init(try Pipe())
        }
    }

    private init(_ pair: consuming UnixConnectionPair) {
        reader = .socket(pair.takeFirst())
        writer = pair.takeSecond().intoDescriptor()
    }

    private init(_ pipe: consuming Pipe) {
        reader = .pipe(pipe.takeReader())
        writer = pipe.takeWriter()
    }

    /// The child's end; taken once.
    mutating func takeWriter() -> OwnedDescriptor {
        guard let end = writer.take() else { preconditionFailure("the writer is taken already") }
        return end
    }

    /// Waits for the next report; nil once the child has executed its program.
    ///
    /// - Parameter interception: set by a report of the step of that name.
    borrowing func next(
        _ interception: inout Interception
    ) throws(KernelError) -> SpawnFailure? {
        let length = MemoryLayout<relevo_report>.size
        switch reader {
        case .pipe(let pipe): return Self.report(try pipe.read(upTo: length) ?? [])
        case .socket(let socket):
            while true {
                _ = try socket.wait(for: .readable, within: .seconds(3600))
                guard var message = try socket.receive(upTo: length, descriptors: 1) else {
                    continue
                }
                guard let report = Self.report(message.bytes) else { return nil }
                if report.step == .interception {
                    if let listener = message.descriptors.takeFirst() {
                        interception = .on(CallNotifier(adopting: listener))
                    } else {
                        interception = .refused(errno: report.errno.rawValue)
                    }
                }
                return report
            }
        }
    }

    private static func report(_ bytes: [UInt8]) -> SpawnFailure? {
        guard bytes.count == MemoryLayout<relevo_report>.size else { return nil }
        let words = unsafe bytes.withUnsafeBytes {
            unsafe $0.loadUnaligned(as: relevo_report.self)
        }
        guard let step = SpawnStep(rawValue: words.step) else {
            preconditionFailure("the child reports a step that this program does not know")
        }
        return SpawnFailure(
            step: step, errno: Errno(rawValue: words.error), index: Int(words.index))
    }
}
