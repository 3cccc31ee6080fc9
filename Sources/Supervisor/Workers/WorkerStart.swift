import Adoption
import HandoverCore
import Kernel
import ServiceCore
import Settings

/// How one worker is started: its descriptors, environment, arguments and identity.
struct WorkerStart {
    /// Where sd_listen_fds(3) has a service look.
    private static let firstSocket: Int32 = 3

    private let command: [String]
    private let slots: [Slot]
    private let stored: [StoredDescriptor]
    private let settings: ServiceSettings
    private let identity: ProcessIdentity?
    /// What the process is told; it holds no socket.
    let environment: WorkerEnvironment

    init(
        _ id: WorkerID, _ launch: Launch, slots: [[Slot]], _ listeners: [Listener],
        stored: [StoredDescriptor], _ settings: ServiceSettings, identity: ProcessIdentity?,
        notifySocket: String
    ) {
        self.slots = Self.offered(slots, listeners).map(\.slot)
        self.stored = stored
        self.settings = settings
        self.identity = identity
        command = launch.command
        let names = Self.offered(slots, listeners).map(\.listener)
        var environment = WorkerEnvironment(
            sockets: names.enumerated().map { index, listener in
                OfferedSocket(
                    name: listener.name, address: listener.settings.address.socketAddress,
                    number: Self.firstSocket + Int32(index))
            },
            stored: stored.map(\.name), generation: id.generation.number, worker: id.index,
            styles: Set([.systemd] + settings.environmentStyles.map(EnvironmentStyle.init)),
            notifySocket: notifySocket,
            channel: Self.firstSocket + Int32(self.slots.count + stored.count),
            watchdog: settings.watchdog,
            additions: settings.environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })
        environment.serverID = listeners.lazy.compactMap(\.settings.serverIDLength).first.map {
            ServerID(of: id, length: $0).text
        }
        self.environment = environment
    }

    /// What the process finds in its environment, LISTEN_PID apart.
    var variables: [String] { environment.variables(inheriting: Environment.strings()) }

    /// What the process is to be.
    ///
    /// - Parameter privateBase: where the private folders of its generation are.
    /// - Parameter source: the program's file, where it was found before.
    func plan(privateBase: String, _ source: HeldSource?) throws -> SpawnPlan {
        let arguments = try environment.arguments(replacingIn: command)
        guard let program = arguments.first else { throw SupervisorError("the command is empty") }
        let variables = self.variables
        let executable: String
        if let source, source.file != nil {
            // It leads to the file in the worker alone, where the descriptor is.
            executable = source.path
        } else {
            executable = try resolveExecutable(
                source?.path ?? program, path: Self.searchPath(in: variables))
        }
        var plan = SpawnPlan(
            executable: executable, arguments: arguments, environment: variables)
        plan.givesOwnPID = true
        plan.workingFolder = settings.workingDirectory
        // A group of its own: what it leaves running is ended with it.
        plan.session = .newGroup
        plan.privateFolders = settings.privatePaths
        plan.privateBase = privateBase
        plan.identity = identity
        plan.interceptsBind = settings.intercept
        return plan
    }

    /// What a worker inherits: adopted listeners are those of a program that binds them itself.
    private static func offered(
        _ slots: [[Slot]], _ listeners: [Listener]
    ) -> [(slot: Slot, listener: Listener)] {
        zip(listeners, slots).filter { !$0.0.settings.isAdopted }
            .flatMap { listener, slots in slots.map { ($0, listener) } }
    }

    /// The number at which a worker inherits a slot; nil for one that it does not.
    static func number(of slot: Slot, in slots: [[Slot]], _ listeners: [Listener]) -> Int32? {
        offered(slots, listeners).firstIndex { $0.slot === slot }.map { firstSocket + Int32($0) }
    }

    /// The numbers at which a worker inherits its sockets, by their inodes.
    static func numbers(
        of slots: [[ServiceCore.Slot]], _ listeners: [Listener]
    ) -> [UInt64: Int32] {
        let inherited = zip(listeners, slots).filter { !$0.0.settings.isAdopted }.flatMap(\.1)
        return Dictionary(zip(inherited.map(\.inode), firstSocket...)) { first, _ in first }
    }

    /// The descriptors that it is to have.
    func descriptors(
        out: borrowing OwnedDescriptor, err: borrowing OwnedDescriptor,
        channel: borrowing UnixConnection, _ source: HeldSource?
    ) throws(KernelError) -> DescriptorPlan {
        var descriptors = DescriptorPlan()
        try descriptors.place(out, at: 1)
        try descriptors.place(err, at: 2)
        for (index, slot) in slots.enumerated() {
            try descriptors.place(try slot.duplicate(), at: Self.firstSocket + Int32(index))
        }
        for (index, entry) in stored.enumerated() {
            let number = Self.firstSocket + Int32(slots.count + index)
            try descriptors.place(entry.descriptor, at: number)
        }
        // After those that are found by their numbers.
        let number = Self.firstSocket + Int32(slots.count + stored.count)
        try descriptors.place(channel, at: number)
        if let source, let file = source.file { try descriptors.place(file, at: source.number) }
        return descriptors
    }

    /// The first number that is nothing's in the worker.
    var spareNumber: Int32 { Self.firstSocket + Int32(slots.count + stored.count + 1) }

    /// The folders that a command without one is looked for in.
    static func searchPath(of settings: ServiceSettings) -> String {
        settings.environment["PATH"] ?? searchPath(in: Environment.strings())
    }

    private static func searchPath(in variables: [String]) -> String {
        variables.last { $0.hasPrefix("PATH=") }.map { String($0.dropFirst("PATH=".count)) }
            ?? Environment.usualSearchPath
    }
}

extension EnvironmentStyle {
    fileprivate init(_ convention: EnvironmentConvention) {
        switch convention {
        case .nginx: self = .nginx
        case .serverStarter: self = .serverStarter
        }
    }
}
