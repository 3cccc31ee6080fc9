internal import CRelevoClient

/// The worker's side of everything: its channel, its sockets, what it keeps.
///
/// Not for two threads at once. Nothing here waits but what says so.
final class WorkerCore {
    /// nil without a supervisor, and after the channel has ended.
    var channel: Channel?
    /// Readable while there is an event to be taken: the channel and `raised` are in it.
    let readiness: Descriptor
    /// Readable while `queue` has something that came while an answer was waited for.
    let raised: Descriptor
    var queue = EventQueue()
    var standing = Standing()
    var sockets: [GivenSocket] = []
    var kept: [KeptDescriptor] = []
    var owed = Owed()
    var lastID: UInt64 = 0
    /// How sockets of one peer are made, by the kind of listener; nil where not tried yet.
    var ways = [KnownWay?](repeating: nil, count: 8)
    /// Listeners' addresses whose groups have been prepared for connected sockets.
    var primed: [InternetAddress] = []
    /// systemd's way of speaking; ended by NUL.
    let notifySocket: [UInt8]?
    /// Whether somebody else owns the listeners.
    let isGivenSockets: Bool

    private init(
        _ around: StartEnvironment, readiness: consuming Descriptor, raised: consuming Descriptor
    ) {
        self.readiness = readiness
        self.raised = raised
        notifySocket = around.notifySocket
        isGivenSockets = around.channel != nil || around.inherited > 0
    }

    /// Finds its supervisor, says hello and waits so long for its answer; then, where there is
    /// none, systemd's variables; else it is alone.
    ///
    /// No throwing init: Embedded Swift forgets the memory of an object that was never finished.
    static func start(
        _ around: StartEnvironment, joining wishes: JoinWishes, within limit: UInt64
    ) throws(RelevoError) -> WorkerCore {
        let readiness = Descriptor(adopting: try check(.openChannel, relevo_sys_epoll()))
        let raised = Descriptor(adopting: try check(.openChannel, relevo_sys_event()))
        try check(.openChannel, relevo_sys_epoll_add(readiness.number, raised.number))
        let core = WorkerCore(around, readiness: readiness, raised: raised)
        switch around.channel {
        case .descriptor(let number):
            around.forgetChannel()
            try core.open(number, around, JoinWishes(), within: limit)
        case .path(let path):
            let connected = unsafe path.withUnsafeBufferPointer { buffer in
                unsafe buffer.withMemoryRebound(to: CChar.self) { text in
                    unsafe text.baseAddress.map { unsafe relevo_sys_connect_packets($0) }
                }
            }
            let number = try check(.openChannel, connected ?? -Int32(RELEVO_SYS_INVALID))
            try core.open(number, around, wishes, within: limit)
        case nil: core.adoptInherited(around)
        }
        return core
    }

    deinit {
        for socket in sockets where !socket.isTaken { relevo_sys_close(socket.number) }
        for descriptor in kept { relevo_sys_close(descriptor.number) }
    }

    var isSupervised: Bool { channel != nil }

    private func open(
        _ number: Int32, _ around: StartEnvironment, _ wishes: JoinWishes, within limit: UInt64
    ) throws(RelevoError) {
        channel = try Channel(adopting: number)
        try check(.openChannel, relevo_sys_epoll_add(readiness.number, number))
        try greet(around, wishes, within: limit)
    }

    /// What came with LISTEN_FDS: IP sockets are listeners, all else was kept for this worker.
    private func adoptInherited(_ around: StartEnvironment) {
        var nameStart = 0
        for index in 0..<around.inherited {
            let number = StartEnvironment.first + Int32(index)
            let nameEnd = around.names.position(of: UInt8(ascii: ":"), from: nameStart)
            let name = around.names.piece(min(nameStart, nameEnd), nameEnd)
            nameStart = nameEnd + 1
            guard relevo_sys_is_open(number) == 1 else { continue }
            _ = relevo_sys_set_cloexec(number)
            var local = relevo_sys_address()
            let kind = relevo_sys_kind(number)
            if kind != 0, unsafe relevo_sys_local(number, &local) == 0,
                let address = InternetAddress(local)
            {
                let place = ServiceAddress(isStream: kind == 2, address: address)
                sockets.append(GivenSocket(number: number, name: name, place: place))
            } else {
                kept.append(KeptDescriptor(name: name, number: number))
            }
        }
    }

    /// Nobody will answer any more. What the worker has, it keeps.
    @inline(never)
    func end() {
        guard channel != nil else { return }
        // Closing it also takes it out of `readiness`.
        channel = nil
        post(.ended)
    }

    /// Keeps an event until it is taken.
    @inline(never)
    func post(_ event: CoreEvent) {
        queue.append(event)
        _ = relevo_sys_event_raise(raised.number)
    }
}
