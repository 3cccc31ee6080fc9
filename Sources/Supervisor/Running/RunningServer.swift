import Adoption
import Keeper
import Kernel
import Settings

/// A server that was started without a supervisor and is to be taken over as it runs.
final class RunningServer {
    /// The sockets that it serves one address with.
    struct Served {
        let place: SocketPlace
        var sockets: [SharedDescriptor]
        /// Whether its address need not be this machine's (IP_FREEBIND, IP_TRANSPARENT).
        let bindsFreely: (free: Bool, transparent: Bool)
    }

    let process: KeptProcess
    private(set) var served: [Served] = []

    /// More descriptors than any server has.
    private static let mostDescriptors = 65_536

    /// Looks at a process; changes nothing.
    ///
    /// - Throws: also for one that a supervisor serves already, whose steering a second one would ruin.
    init(_ pid: Int32) throws(SupervisorError) {
        var inodes: Set<UInt64> = []
        do throws(KernelError) {
            process = try KeptProcess(opening: pid)
            let numbers = try ProcessView.numbers(
                in: "fd", of: pid, atMost: Self.mostDescriptors)
            var seen: Set<UInt64> = []
            for number in numbers.sorted() {
                guard let link = try? ProcessView.link("fd/\(number)", of: pid),
                    let inode = SocketLink.inode(link), seen.insert(inode).inserted
                else { continue }
                let socket = SharedDescriptor(try process.handle.descriptor(at: number))
                let facts = try SocketFacts(of: socket)
                if facts.kind != .other { inodes.insert(inode) }
                add(socket, facts)
            }
        } catch {
            let advice =
                error.isPermissionDenied ? " (root, or its own user and CAP_SYS_PTRACE)" : ""
            throw SupervisorError(
                "process \(pid) cannot be taken over: \(error)\(advice)",
                isPermission: error.isPermissionDenied)
        }
        if let other = SocketHolders.supervisor(of: inodes) {
            throw SupervisorError(
                "process \(pid) is served by Relevo already (process \(other)): relevo list shows the "
                    + "service, and relevo upgrade changes it")
        }
    }

    private func add(_ socket: SharedDescriptor, _ facts: SocketFacts) {
        guard facts.kind != .other, !facts.hasPeer, !facts.hasInterface,
            let address = facts.address, address.port != 0
        else { return }
        let isStream = facts.kind == .tcp
        if isStream, (try? socket.isListening()) != true { return }
        let place = SocketPlace(address, v6Only: facts.isIPv6Only, isStream: isStream)
        if let index = served.firstIndex(where: { $0.place == place }) {
            served[index].sockets.append(socket)
        } else {
            served.append(
                Served(place: place, sockets: [socket], bindsFreely: facts.mayBindFreely))
        }
    }

    /// What it serves, as addresses of listeners are written.
    var text: String {
        served.map { "\($0.place.isStream ? "tcp" : "udp")://\($0.place.address)" }
            .joined(separator: ", ")
    }

    /// The listeners of a service of this server: those that the settings name, else all that they would
    /// adopt, or all but ports out of the range that the kernel picks from.
    func listeners(_ settings: ServiceSettings) throws(SupervisorError) -> [ListenerSettings] {
        for listener in settings.listeners {
            guard served(at: listener) != nil else {
                throw SupervisorError(
                    "process \(process.pid) has no socket at \(listener.address); it has \(text)")
            }
        }
        if !settings.listeners.isEmpty { return settings.listeners }
        let picked = EphemeralPorts.range()
        let found = served.filter { one in
            let transport = one.place.isStream ? Transport.tcp : Transport.udp
            let port = one.place.address.port
            if settings.adopt.isEmpty || settings.adopt == [.auto] { return !picked.contains(port) }
            return settings.adopt.contains { $0.covers(transport, port: port) }
        }.compactMap { one in
            var listener = ListenerSettings(adopting: one.place, like: nil, settings)
            listener?.freeBind = one.bindsFreely.free
            listener?.transparent = one.bindsFreely.transparent
            return listener
        }
        guard !found.isEmpty else {
            throw SupervisorError(
                "process \(process.pid) has no socket to take over"
                    + (served.isEmpty ? "" : " but \(text): --listen or --adopt names them"))
        }
        return found
    }

    /// The sockets of a listener; nil where it has none there.
    func served(at listener: ListenerSettings) -> Served? {
        guard let address = try? listener.socketAddress() else { return nil }
        return served.first {
            $0.place.address == address && $0.place.isStream == listener.isStream
        }
    }
}
