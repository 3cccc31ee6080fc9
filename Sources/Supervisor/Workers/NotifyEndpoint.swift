import ChannelProtocol
import HandoverCore
import Kernel

/// The socket of one worker's sd_notify(3) messages: who speaks is known by where it is said.
final class NotifyEndpoint {
    /// More descriptors than any message brings; what comes with one is closed.
    private static let mostDescriptors = 16

    let path: String
    private let socket: NotifySocket
    private let loop: EventLoop
    private var token: EventLoop.Token?

    init(
        for id: WorkerID, in runtime: RuntimeDirectory, owner: ProcessIdentity?, loop: EventLoop,
        heard: @escaping (Result<Notification, NotificationError>) -> Void
    ) throws(KernelError) {
        path = runtime.notifyPath(of: id)
        self.loop = loop
        socket = try NotifySocket(at: UnixAddress(path))
        if let owner { try changeOwner(of: path, uid: owner.uid, gid: owner.gid) }
        token = try loop.register(socket) { [unowned self] _ in
            // A failed receive says nothing about the next message, and has nobody to be told to.
            while let message = try? socket.receive(
                upTo: Notification.longest + 1, descriptors: Self.mostDescriptors)
            {
                do throws(NotificationError) {
                    heard(.success(try Notification(parsing: message.bytes)))
                } catch {
                    heard(.failure(error))
                }
                if token == nil { break }
            }
        }
    }

    deinit {
        if let token { loop.remove(token) }
        _ = try? removeFile(path)
    }
}
