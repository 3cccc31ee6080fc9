import ControlProtocol
import Kernel

/// Asks a supervisor for its status until it answers, in the event loop of a load, which goes on.
final class StatusProbe {
    /// How soon a supervisor that does not listen yet is tried again.
    private static let pause = Duration.milliseconds(1)

    private let path: UnixAddress
    private let loop: EventLoop
    private let answered: (ServiceStatus) -> Void
    private var connection: UnixConnection?
    private var splitter = FrameSplitter()
    private var token: EventLoop.Token?

    /// - Parameter answered: called once, from the loop.
    init(
        at path: String, in loop: EventLoop, answered: @escaping (ServiceStatus) -> Void
    ) {
        self.path = UnixAddress(path)
        self.loop = loop
        self.answered = answered
        knock()
    }

    deinit { stop() }

    /// Asks no more.
    func stop() {
        if let token { loop.remove(token) }
        token = nil
        connection = nil
    }

    private func knock() {
        stop()
        splitter = FrameSplitter()
        do throws(KernelError) {
            let new = try UnixConnection(to: path, kind: .stream)
            try new.writeAll(ControlCall(.getStatus).frame())
            try new.setNonBlocking(true)
            token = try loop.register(new) { [unowned self] _ in read() }
            connection = consume new
        } catch {
            again()
        }
    }

    private func again() {
        stop()
        token = loop.schedule(at: MonotonicClock.now() + Self.pause) { [unowned self] in
            token = nil
            knock()
        }
    }

    private func read() {
        do {
            guard let bytes = try connection?.read(upTo: 65_536) else { return }
            // Killed before it answered.
            if bytes.isEmpty { return again() }
            splitter.append(bytes)
            guard let frame = try splitter.next() else { return }
            let status = try ControlAnswer<StatusReply>.decode(frame).parameters.status
            stop()
            answered(status)
        } catch {
            again()
        }
    }
}
