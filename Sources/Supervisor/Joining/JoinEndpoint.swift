import ChannelProtocol
import Kernel

/// The `workers` socket: lets in processes that somebody else has started, until they have a place.
final class JoinEndpoint {
    /// More at once are let go at the door.
    private static let most = 64
    /// Who has not said HELLO by then is let go.
    private static let helloTimeout = Duration.seconds(10)

    private let loop: EventLoop
    private let admission: Admission
    private let greeted: (JoiningWorker) -> Void
    private var door: Door?
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
        let listener = try UnixListener(
            at: UnixAddress(path), kind: .sequencedPacket, mode: admission.mode)
        try admission.open(path)
        door = try Door(listener, in: loop) { [unowned self] in letIn($0) }
    }

    /// Those that wait for a place, in the order in which they came.
    var waiting: [JoiningWorker] {
        order.compactMap { joining[$0] }.filter { $0.hello != nil }
    }

    /// Lets one go, to its place or for good.
    func forget(_ worker: JoiningWorker) {
        joining[ObjectIdentifier(worker)] = nil
        order.removeAll { $0 == ObjectIdentifier(worker) }
    }

    /// A connection that fails on its way in is the other's to repeat.
    private func letIn(_ connection: consuming UnixConnection) {
        guard let peer = try? connection.peerCredentials() else { return }
        let admits = admission.admits(peer, connection)
        guard let worker = try? JoiningWorker(connection, in: loop) else { return }
        if !admits {
            worker.refuse(.refused, "user \(peer.uid) may not join this service")
        } else if joining.count >= Self.most {
            worker.refuse(.busy, "\(Self.most) workers wait for a place already")
        } else {
            admit(worker)
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
        _ = loop.schedule(at: MonotonicClock.now() + Self.helloTimeout) {
            [weak self, weak worker] in
            guard let self, let worker, worker.hello == nil else { return }
            worker.refuse(.refused, "no HELLO was said")
            forget(worker)
        }
    }
}
