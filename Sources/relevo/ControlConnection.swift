import ControlClient
import ControlProtocol
import Kernel
import Settings

/// One conversation with a supervisor.
final class ControlConnection {
    /// What has happened since it was last looked at; the loop's handlers write it.
    private final class News {
        var readable = false
        var interrupted = false
        var late = false
        var ended = false
    }

    /// The socket's path.
    let path: String
    let stream: ServiceStream
    /// Where it is on another machine.
    private let remote: RemoteService?
    private let loop: EventLoop
    private let news = News()
    private var signals: [SignalWatch] = []
    private var splitter = FrameSplitter()

    convenience init(to path: String) throws(Failure) {
        if let host = RemoteHost.chosen {
            try self.init(on: host, ["--control=\(path)"])
            return
        }
        let stream: ServiceStream
        do throws(KernelError) {
            stream = try ServiceStream(to: path)
        } catch {
            guard error.isNobodyListening else { throw Failure(error, otherwise: .unavailable) }
            throw Failure(.unavailable, "no supervisor listens at \(path)")
        }
        try self.init(path, stream, nil)
    }

    /// Connects to a service of another machine.
    ///
    /// - Parameter choice: the options by which the bridge over there finds it.
    convenience init(on host: RemoteHost, _ choice: [String]) throws(Failure) {
        let (remote, path) = try RemoteService.open(choice, on: host)
        try self.init(path, remote.stream, remote)
    }

    private init(
        _ path: String, _ stream: ServiceStream, _ remote: RemoteService?
    ) throws(Failure) {
        self.path = path
        self.stream = stream
        self.remote = remote
        do throws(KernelError) {
            loop = try EventLoop()
            let news = news
            _ = try loop.register(stream.connection) { _ in news.readable = true }
        } catch {
            throw Failure(error)
        }
    }

    /// The host that it goes to over ssh.
    var host: RemoteHost? { remote?.host }

    /// Whether the caller's own user runs the service; root may call any its own.
    var isOwn: Bool {
        let user = ProcessIdentity.effectiveUser
        return user == 0 || (try? stream.connection.peerCredentials().uid) == user
    }

    /// The name of the folder that the socket is in, which is the service's as a rule.
    var serviceName: String {
        String(path.split(separator: "/").dropLast().last ?? "?")
    }

    /// From here on Ctrl-C ends the wait for a reply instead of the program.
    func catchInterrupts() throws(Failure) {
        do throws(KernelError) {
            let watch = try SignalWatch()
            let news = news
            _ = try loop.register(watch.descriptor) { _ in news.interrupted = true }
            signals.append(watch)
        } catch {
            throw Failure(error)
        }
    }

    /// From here on the wait for a reply also ends when nobody reads our output any more, as behind
    /// `| head`: the next write, which would find out, may be hours away.
    func catchClosedOutput() {
        let news = news
        // A file has no other end, and cannot be waited on.
        _ = try? loop.register(StandardStream.output, for: []) { _ in news.interrupted = true }
    }

    /// Sends a call; its replies come with `reply`.
    func send(_ call: ControlCall) throws(Failure) {
        do throws(KernelError) {
            try stream.connection.writeAll(call.frame())
        } catch {
            // A refusal may have been sent before the end.
            guard error.isPeerGone else { throw Failure(error) }
        }
    }

    /// Waits for the next reply.
    func reply<Parameters: Decodable>(
        as type: Parameters.Type, within limit: Duration? = nil
    ) throws(Failure) -> ControlAnswer<Parameters> {
        let frame = try frame(within: limit)
        do throws(AnswerFault) {
            return try ControlAnswer<Parameters>.decode(frame)
        } catch {
            throw Failure(error)
        }
    }

    /// The next reply if it comes in this time, else nil: for who has something else to do then.
    func news(within limit: Duration) throws(Failure) -> [UInt8]? {
        do throws(Failure) {
            return try frame(within: limit)
        } catch {
            guard news.late else { throw error }
            return nil
        }
    }

    /// The next reply as it came.
    func frame(within limit: Duration? = nil) throws(Failure) -> [UInt8] {
        let news = news
        news.late = false
        let deadline = limit.map { limit in
            loop.schedule(at: MonotonicClock.now() + limit) { news.late = true }
        }
        defer { if let deadline { loop.remove(deadline) } }
        while true {
            do throws(FrameError) {
                if let frame = try splitter.next() { return frame }
            } catch {
                throw Failure(.failed, "the supervisor's answer is not understood: \(error)")
            }
            if news.interrupted { throw Failure(.interrupted, "interrupted") }
            if news.late {
                throw Failure(.unavailable, "the supervisor at \(path) does not answer")
            }
            try readOn()
        }
    }

    /// Waits until the other end hangs up; a reply that comes before is an error, or of no use.
    func waitForEnd<Parameters: Decodable>(
        orReplyAs type: Parameters.Type, _ limit: Duration
    ) throws(Failure) {
        do throws(Failure) {
            _ = try reply(as: type, within: limit)
        } catch {
            if !news.ended { throw error }
        }
    }

    /// The other end has hung up.
    private func ending() -> Failure {
        if let failure = remote?.failure() {
            // The terminal's Ctrl-C is ssh's as well, and both may be news at the same time.
            if failure.status != .interrupted { try? passOn() }
            return news.interrupted ? Failure(.interrupted, "interrupted") : failure
        }
        return Failure(.failed, "the supervisor closed the connection without an answer")
    }

    /// Hears of what has happened, without waiting for more.
    private func passOn() throws(KernelError) {
        let now = loop.schedule(at: MonotonicClock.now()) {}
        defer { loop.remove(now) }
        try loop.runOnce()
    }

    private func readOn() throws(Failure) {
        do throws(KernelError) {
            try loop.runOnce()
            guard news.readable else { return }
            news.readable = false
            guard let bytes = try stream.connection.read(upTo: 65_536) else { return }
            splitter.append(bytes)
            news.ended = bytes.isEmpty
        } catch {
            guard error.isPeerGone else { throw Failure(error) }
            news.ended = true
        }
        if news.ended { throw ending() }
    }
}

/// SIGINT and SIGTERM as something to wait for.
private final class SignalWatch {
    let descriptor: SignalDescriptor

    init() throws(KernelError) {
        descriptor = try SignalDescriptor(
            for: [SignalName.interrupt.number, SignalName.term.number])
    }
}
