import ChannelProtocol
import HandoverCore
import Kernel

/// The socket of one worker's sd_notify(3) messages. Its path tells which worker the sender speaks
/// for.
final class NotifyEndpoint: DescriptorHolder {
    /// As many as are stored for a worker; what nobody takes is closed.
    private static let mostDescriptors = ChannelLimits.mostStored
    /// What is done in one go, in messages; the loop comes back for the rest.
    private static let batch = 32
    /// What a look at a sender and its ancestors counts for.
    private static let costOfALook = 8

    /// Whether everybody may send: a worker that root has started as root may change to any user, and
    /// its messages are told from others by who sends them. One that is given a user stays it.
    static func isOpen(to owner: ProcessIdentity?) -> Bool {
        (owner?.uid ?? 0) == 0 && ProcessIdentity.effectiveUser == 0
    }

    let path: String
    private let socket: NotifySocket
    private var loop: EventLoop?
    private var token: EventLoop.Token?
    private var strangers = RefusedSenders()

    /// Binds a worker's socket; what is sent waits until it is listened to.
    init(
        for id: WorkerID, in runtime: RuntimeDirectory, owner: ProcessIdentity?
    ) throws(KernelError) {
        path = runtime.notifyPath(of: id)
        socket = try NotifySocket(
            at: UnixAddress(path), mode: Self.isOpen(to: owner) ? 0o666 : 0o600)
        if let owner { try changeOwner(of: path, uid: owner.uid, gid: owner.gid) }
    }

    /// Takes over the socket of a worker that an earlier supervisor has started.
    init(adopting socket: consuming OwnedDescriptor, of id: WorkerID, in runtime: RuntimeDirectory)
    {
        path = runtime.notifyPath(of: id)
        self.socket = NotifySocket(adopting: socket)
    }

    deinit { close() }

    /// Begins to take what is said by whom it may come from; others are refused.
    ///
    /// - Parameters:
    ///   - users: whose processes are believed unseen.
    ///   - isOurs: looks whether a process of another user is the worker or comes from it.
    func listen(
        in loop: EventLoop, trusting users: Set<UInt32>,
        isOurs: @escaping (PeerCredentials) -> Bool,
        refused: @escaping (PeerCredentials?) -> Void,
        heard: @escaping (Result<Notification, NotificationError>, inout DescriptorList) -> Void
    ) throws(KernelError) {
        self.loop = loop
        token = try loop.register(socket) { [unowned self] _ in
            var left = Self.batch
            // A failed receive says nothing about the next message, and has nobody to be told to.
            while left > 0, token != nil,
                var message = try? socket.receive(
                    upTo: Notification.longest + 1, descriptors: Self.mostDescriptors)
            {
                left -= 1
                guard let sender = message.credentials else {
                    refused(nil)
                    continue
                }
                if !users.contains(sender.uid) {
                    if strangers.know(sender, at: MonotonicClock.now()) { continue }
                    left -= Self.costOfALook
                    guard isOurs(sender) else {
                        strangers.add(sender, at: MonotonicClock.now())
                        refused(sender)
                        continue
                    }
                }
                do throws(NotificationError) {
                    heard(.success(try Notification(parsing: message.bytes)), &message.descriptors)
                } catch {
                    heard(.failure(error), &message.descriptors)
                }
            }
        }
    }

    /// Takes no more. The socket is there as long as somebody has it, its name until it is removed.
    func close() {
        if let token { loop?.remove(token) }
        token = nil
    }

    func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try socket.withRaw(body)
    }
}
