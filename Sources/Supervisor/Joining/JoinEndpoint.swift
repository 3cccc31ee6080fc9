import ChannelProtocol
import Kernel

/// The `workers` socket: lets in processes that somebody else has started, until they have a place.
final class JoinEndpoint {
    /// More at once are let go at the door.
    private static let most = 64
    /// Who has not said HELLO by then is let go.
    private static let patience = Duration.seconds(10)

    private let listener: UnixListener
    private let loop: EventLoop
    private let admission: Admission
    private let greeted: (JoiningWorker) -> Void
    private var token: EventLoop.Token?
    private var joining: [ObjectIdentifier: JoiningWorker] = [:]
    private var order: [ObjectIdentifier] = []

    /// - Parameter greeted: called for each that has said HELLO.
    init(
        at path: String, _ admission: Admission, in loop: EventLoop,
        greeted: @escaping (JoiningWorker) -> Void
    ) throws(KernelError) {
        self.loop = loop
        self.admission = admission
        self.greeted = greeted
        listener = try UnixListener(
            at: UnixAddress(path), kind: .sequencedPacket, mode: admission.mode)
        try admission.open(path)
        token = try loop.register(listener) { [unowned self] _ in accept() }
    }

    deinit { if let token { loop.remove(token) } }

    /// Those that wait for a place, in the order in which they came.
    var waiting: [JoiningWorker] {
        order.compactMap { joining[$0] }.filter { $0.hello != nil }
    }

    /// Lets one go, to its place or for good.
    func forget(_ worker: JoiningWorker) {
        joining[ObjectIdentifier(worker)] = nil
        order.removeAll { $0 == ObjectIdentifier(worker) }
    }

    private func accept() {
        // A connection that fails on its way in is the other's to repeat.
        while let connection = try? listener.accept() {
            guard let peer = try? connection.peerCredentials() else { continue }
            let admits = admission.admits(peer, connection)
            guard let worker = try? JoiningWorker(connection, in: loop) else { continue }
            if !admits {
                worker.refuse(.refused, "user \(peer.uid) may not join this service")
            } else if joining.count >= Self.most {
                worker.refuse(.busy, "\(Self.most) workers wait for a place already")
            } else {
                admit(worker)
            }
        }
    }

    private func admit(_ worker: JoiningWorker) {
        let key = ObjectIdentifier(worker)
        joining[key] = worker
        order.append(key)
        worker.channel.heard = { [unowned self, unowned worker] request, _ in
            guard case .hello(let hello) = request.message, worker.hello == nil else {
                worker.channel.refuse(
                    ChannelFault(.order, "HELLO comes first, and WELCOME after", id: request.id))
                return
            }
            worker.hello = (hello, request.id)
            greeted(worker)
        }
        worker.channel.ended = { [unowned self, unowned worker] in forget(worker) }
        _ = loop.schedule(at: MonotonicClock.now() + Self.patience) { [weak self, weak worker] in
            guard let self, let worker, worker.hello == nil else { return }
            worker.refuse(.refused, "no HELLO was said")
            forget(worker)
        }
    }
}
