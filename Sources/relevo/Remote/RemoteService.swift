import ControlClient
import Kernel

/// A service on another machine, to which `relevo bridge` over there is connected.
final class RemoteService {
    /// What the bridge says once it is connected, with the socket's path behind it.
    static let greeting = "relevo bridge: connected to "

    let host: RemoteHost
    let stream: ServiceStream
    private var complaints = Complaints()

    private init(_ arguments: [String], on host: RemoteHost) throws(Failure) {
        self.host = host
        do throws(KernelError) {
            stream = try ServiceStream(running: arguments, on: host)
        } catch {
            throw Failure(.unavailable, "ssh cannot be run (RELEVO_SSH says which): \(error)")
        }
    }

    /// Returns once the bridge is connected, with the path of the control socket over there.
    static func open(
        _ arguments: [String], on host: RemoteHost
    ) throws(Failure) -> (service: RemoteService, path: String) {
        let service = try RemoteService(["bridge", "--announce"] + arguments, on: host)
        return (service, try service.awaitGreeting())
    }

    /// The control sockets over there.
    static func paths(on host: RemoteHost) throws(Failure) -> [String] {
        let service = try RemoteService(["bridge", "--list"], on: host)
        let paths: [String]
        do throws(KernelError) {
            paths = try service.stream.paths()
        } catch {
            throw service.failure() ?? Failure(error)
        }
        if let failure = service.failure() { throw failure }
        return paths
    }

    /// The control sockets of this machine, or of the one that `-H` names.
    static func allPaths() throws(Failure) -> [String] {
        guard let host = RemoteHost.chosen else { return ServiceLocator().existing() }
        return try paths(on: host)
    }

    /// Why it has ended, which is waited for; nil where all went well.
    func failure() -> Failure? {
        let exit = stream.end()
        while let bytes = try? stream.complained(), !bytes.isEmpty { complaints.add(bytes) }
        complaints.close()
        if exit == .code(0) { return nil }
        return RemoteEnd(host: host, exit: exit, lines: complaints.lines).failure
    }

    private func awaitGreeting() throws(Failure) -> String {
        do throws(KernelError) {
            while try stream.waitForComplaint() {
                if let bytes = try stream.complained() { complaints.add(bytes) }
                if let line = complaints.lines.first(where: { $0.hasPrefix(Self.greeting) }) {
                    return String(line.dropFirst(Self.greeting.count))
                }
                // Its standard error may be closed long before its end.
                if try stream.complained()?.isEmpty == true { break }
            }
        } catch {
            throw Failure(error)
        }
        throw failure() ?? Failure(.unavailable, "\(host.text): relevo bridge said nothing")
    }
}
