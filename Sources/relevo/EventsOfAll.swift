import ControlClient
import ControlProtocol
import Kernel

/// Follows the events of all services, those that come later as well.
final class EventsOfAll {
    /// How often new services are looked for.
    private static let interval = Duration.seconds(1)

    /// One service that is followed.
    private final class Followed {
        let name: String
        let connection: UnixConnection
        let token: EventLoop.Token
        var splitter = FrameSplitter()

        init(_ name: String, _ connection: consuming UnixConnection, _ token: EventLoop.Token) {
            self.name = name
            self.connection = connection
            self.token = token
        }
    }

    private let loop: EventLoop
    private let signals: SignalDescriptor
    /// Of a service's name and an event's frame; false when nobody reads any more.
    private let told: (String, [UInt8]) -> Bool
    private var followed: [String: Followed] = [:]

    init(told: @escaping (String, [UInt8]) -> Bool) throws(KernelError) {
        self.told = told
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
        for path in ServiceLocator().existing() where followed[path] == nil { follow(path) }
        _ = loop.schedule(at: MonotonicClock.now() + Self.interval) { [unowned self] in look() }
    }

    /// One that does not take it now is tried again at the next look.
    private func follow(_ path: String) {
        do throws(KernelError) {
            let connection = try UnixConnection(
                to: UnixAddress(path), kind: .stream, nonBlocking: true)
            _ = try connection.write(ControlCall(.events, more: true).frame())
            let token = try loop.register(connection) { [unowned self] _ in read(path) }
            let name = ServiceLook(path: path, .failure(.silent)).name
            followed[path] = Followed(name, connection, token)
        } catch {
            return
        }
    }

    private func read(_ path: String) {
        guard let service = followed[path] else { return }
        do {
            guard let bytes = try service.connection.read(upTo: 65_536) else { return }
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
