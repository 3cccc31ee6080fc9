import ControlClient
import ControlProtocol
import Kernel

/// Follows the events of all services, those that come later as well.
final class EventsOfAll {
    /// How often new services are looked for; over ssh that holds up what is told meanwhile.
    private static let interval = RemoteHost.chosen == nil ? Duration.seconds(1) : .seconds(30)
    /// ssh's server lets ten begin at once.
    private static let mostAtOnce = RemoteHost.chosen == nil ? Int.max : 4

    /// One service that is followed.
    private final class Followed {
        let name: String
        let stream: ServiceStream
        let token: EventLoop.Token
        var splitter = FrameSplitter()

        init(_ name: String, _ stream: ServiceStream, _ token: EventLoop.Token) {
            self.name = name
            self.stream = stream
            self.token = token
        }
    }

    private let loop: EventLoop
    private let signals: SignalDescriptor
    /// Of a service's name and an event's frame; false when nobody reads any more.
    private let told: (String, [UInt8]) -> Bool
    private var known: [String]
    private var nextLook = MonotonicClock.now() + interval
    private var followed: [String: Followed] = [:]

    /// - Parameter paths: the control sockets that are there now.
    init(
        of paths: [String], told: @escaping (String, [UInt8]) -> Bool
    ) throws(KernelError) {
        self.told = told
        known = paths
        loop = try EventLoop()
        signals = try SignalDescriptor(for: [SignalNumber.interrupt, SignalNumber.terminate])
        _ = try loop.register(signals) { [unowned self] _ in loop.stop() }
        // A file has no other end, and cannot be waited on.
        _ = try? loop.register(StandardStream.output, for: []) { [unowned self] _ in loop.stop() }
    }

    /// Returns after Ctrl-C, or when nobody reads any more.
    func run() throws(KernelError) {
        look()
        try loop.run()
    }

    private func look() {
        let now = MonotonicClock.now()
        if now >= nextLook {
            do throws(Failure) {
                known = try RemoteService.allPaths()
            } catch {
                known = []
                Console.complain("relevo: \(error.message)")
            }
            nextLook = now + Self.interval
        }
        let new = known.filter { followed[$0] == nil }
        for path in new.prefix(Self.mostAtOnce) { follow(path) }
        let next = new.count > Self.mostAtOnce ? now + .seconds(1) : nextLook
        _ = loop.schedule(at: next) { [unowned self] in look() }
    }

    /// One that does not take it now is tried again at the next look.
    private func follow(_ path: String) {
        do throws(KernelError) {
            let stream = try ServiceStream(to: path, nonBlocking: true)
            _ = try stream.connection.write(ControlCall(.events, more: true).frame())
            let token = try loop.register(stream.connection) { [unowned self] _ in read(path) }
            let name = ServiceLook(path: path, .failure(.silent)).name
            followed[path] = Followed(name, stream, token)
        } catch {
            return
        }
    }

    private func read(_ path: String) {
        guard let service = followed[path] else { return }
        do {
            guard let bytes = try service.stream.connection.read(upTo: 65_536) else { return }
            guard !bytes.isEmpty else { return leave(path) }
            service.splitter.append(bytes)
            while let frame = try service.splitter.next() {
                if !told(service.name, frame) { return loop.stop() }
            }
        } catch {
            leave(path)
        }
    }

    private func leave(_ path: String) {
        guard let service = followed.removeValue(forKey: path) else { return }
        loop.remove(service.token)
    }
}
