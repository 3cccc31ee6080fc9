import Kernel

/// The process that outlives a supervisor: parent of its workers, holder of its descriptors.
///
/// It knows no rules of a handover. It does what the one supervisor that is connected asks, and
/// while there is none it keeps everything as it is.
package final class KeeperProcess {
    /// Whether it keeps or ends.
    enum Phase {
        case keeping
        /// The service has ended; workers that are left are sent KILL at the deadline.
        case ending(kill: EventLoop.Token?)
    }

    let loop: EventLoop
    let socketPath: String
    let output: DrainSink
    let errorOutput: DrainSink
    var door: Door?
    var channel: PacketStream?
    var lifeLine: LifeLine?
    var kept: [String: SharedDescriptor] = [:]
    var workers: [String: KeptWorker] = [:]
    /// Workers that have ended and whose ends wait for what they have left behind, until then at most.
    var wakes: [String: Duration] = [:]
    var orphans = Orphans()
    /// Workers of an earlier keeper, while the service ends.
    var orphanedWorkers: [String: OrphanedWorker] = [:]
    var pendingSpawn: PendingSpawn?
    var drains: [String: OutputDrain] = [:]
    /// Workers whose end this supervisor has not been told yet.
    var untold: [String] = []
    var stopRule = StopRule(signal: SignalNumber.terminate, timeout: .seconds(10))
    var phase = Phase.keeping
    private var signals: SignalDescriptor?
    private var signalToken: EventLoop.Token?

    /// Signals taken in one go; the loop comes back for the rest.
    private static let signalBatch = 8

    /// Where a keeper finds the channel of the supervisor that started it.
    static let channelNumber: Int32 = 3
    /// Where it finds the socket that later supervisors connect to.
    static let doorNumber: Int32 = 4

    /// Runs a keeper until its service has ended.
    ///
    /// - Parameter arguments: the path of the socket where supervisors find it.
    /// - Returns: the exit code.
    package static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 1, let socketPath = arguments.first,
            let descriptor = inheritedDescriptor(channelNumber),
            let door = inheritedDescriptor(doorNumber)
        else { return 64 }
        let first = UnixConnection(adopting: descriptor)
        guard (try? first.isSequencedPacket()) == true else { return 64 }
        do {
            return try KeeperProcess(socketPath).serve(first, UnixListener(adopting: door))
        } catch {
            _ = try? StandardStream.error.writeAll(Array("relevo: keeper: \(error)\n".utf8))
            return 70
        }
    }

    private init(_ socketPath: String) throws(KernelError) {
        self.socketPath = socketPath
        loop = try EventLoop()
        output = DrainSink(.standardOutput, in: loop)
        errorOutput = DrainSink(.standardError, in: loop)
    }

    private func serve(
        _ first: consuming UnixConnection, _ listener: consuming UnixListener
    ) throws -> Int32 {
        try ignoreSignal(SignalNumber.pipe)
        try ignoreSignal(SignalNumber.fileTooLarge)
        // Only a name.
        _ = try? nameProcess("relevo-keeper")
        try Reaping.adoptOrphans()
        try watchSignals()
        // Who connects is told this process, not the one that bound it.
        try listener.listen()
        door = try Door(listener, in: loop) { [unowned self] in admit($0) }
        connect(first)
        // Without one there is nobody to start for.
        if channel == nil { loop.stop() } else { try loop.run() }
        _ = try? removeFile(socketPath)
        output.flush()
        errorOutput.flush()
        return 0
    }

    private func watchSignals() throws(KernelError) {
        let signals = try SignalDescriptor(for: [
            SignalNumber.child, SignalNumber.terminate, SignalNumber.interrupt,
            SignalNumber.hangUp,
        ])
        signalToken = try loop.register(signals) { [unowned self] _ in takeSignals() }
        self.signals = consume signals
    }

    private func takeSignals() {
        for _ in 0..<Self.signalBatch {
            guard let signal = (try? signals?.next())?.signal else { return }
            switch signal {
            case SignalNumber.child: reap()
            case SignalNumber.terminate, SignalNumber.interrupt:
                // A supervisor that is there ends its service itself.
                if !hasSupervisor() { beginEnding() }
            default: break
            }
        }
    }
}
