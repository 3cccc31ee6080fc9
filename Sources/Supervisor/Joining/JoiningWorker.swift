import ChannelProtocol
import Keeper
import Kernel

/// A process that has connected to the `workers` socket and has no place yet.
final class JoiningWorker {
    /// Packets handled in one go: it has one thing to say, and there may be as many of them as are let in.
    private static let batch = 2

    let process: KeptProcess
    /// The same connection as the channel's, to be kept.
    let end: SharedDescriptor
    let channel: WorkerChannel
    /// What it said first, and under which number; nil until it has.
    var hello: (message: WorkerMessage.Hello, request: UInt64?)?
    /// What it calls its generation.
    var group = ""
    /// Whether it waits until an upgrade is asked for.
    var isParked = false

    init(_ connection: consuming UnixConnection, in loop: EventLoop) throws(KernelError) {
        let pid = try connection.peerCredentials().pid
        process = KeptProcess(pid, try connection.peerProcess().duplicateDescriptor())
        end = SharedDescriptor(connection.intoDescriptor())
        channel = try WorkerChannel(
            UnixConnection(adopting: try end.duplicateDescriptor()), in: loop, batch: Self.batch)
    }

    /// Ends it, with the reason.
    func refuse(_ code: ChannelErrorCode, _ reason: String) {
        channel.say(.error(code, reason: reason), id: hello?.request)
        channel.close()
    }
}
