package import Kernel

/// Who has an address that another socket is refused.
package enum AddressHolder: Equatable, Sendable {
    /// A worker of a service of Relevo's, found by what it was told at its start; the supervisor or keeper
    /// that has the socket too, where one is left.
    case worker(Int32, keptBy: Int32?)
    case program(name: String, Int32)
    /// It is another user's, in another container, or already gone.
    case unknown

    package static func find(_ address: SocketAddress, isStream: Bool) -> AddressHolder {
        let inodes = sockets(at: address, isStream: isStream)
        guard !inodes.isEmpty else { return .unknown }
        return among(Array(SocketHolders.holders(of: inodes))) { isWorker($0) }
    }

    /// A socket that a supervisor or its keeper holds belongs to their service. Others may hold it too: a service
    /// manager (process 1), which keeps it for the next supervisor, or a worker that has overwritten its environment
    /// (setproctitle(3)).
    static func among(
        _ holders: [SocketHolders.Holder], isWorker: (Int32) -> Bool
    ) -> AddressHolder {
        let own = holders.first { ProcessView.supervisors.contains($0.name) }
        let others = holders.filter { !ProcessView.supervisors.contains($0.name) }
        if let worker = others.first(where: { isWorker($0.process) }) {
            return .worker(worker.process, keptBy: own?.process)
        }
        if let own { return .program(name: "relevod", own.process) }
        guard let found = others.first(where: { $0.process != 1 }) ?? others.first else {
            return .unknown
        }
        return .program(name: found.name, found.process)
    }

    /// What it is, and what to do about it.
    package var words: String {
        switch self {
        case .worker(let worker, nil):
            "a worker of a service whose supervisor and keeper are gone has it, process \(worker): "
                + "relevo adopt \(worker) takes it over, kill \(worker) ends it"
        case .worker(let worker, let keeper?):
            "a worker of a service of Relevo's has it, process \(worker), kept by \(keeper): relevo list "
                + "shows the service"
        case .program("relevod", let process):
            "a service of Relevo's has it, kept by process \(process): relevo list shows it"
        case .program(let name, let process):
            "another program listens there: \(name), process \(process)"
        case .unknown: "another program listens there: ss -lnp shows which"
        }
    }

    private static func isWorker(_ process: Int32) -> Bool {
        ProcessView.environment(of: process).contains {
            $0.starts(with: "RELEVO_GENERATION=".utf8)
        }
    }

    /// The sockets that are at the address, or at all addresses of its port.
    private static func sockets(at address: SocketAddress, isStream: Bool) -> Set<UInt64> {
        var found: Set<UInt64> = []
        guard var diagnostics = try? SocketDiagnostics() else { return [] }
        for isIPv6 in [false, true] {
            let question = SocketDiagnostics.Question(
                isIPv6: isIPv6, isStream: isStream, localPort: address.port)
            try? diagnostics.all(question) { socket in
                guard !socket.hasPeer, socket.localPort == address.port else { return }
                if address.isWildcard || socket.local.isWildcard || isSame(socket.local, address) {
                    found.insert(socket.inode)
                }
            }
        }
        return found
    }

    private static func isSame(_ one: SocketAddress, _ other: SocketAddress) -> Bool {
        switch (one.unmapped, other.unmapped) {
        case (.ipv4(let a, _), .ipv4(let b, _)): a == b
        case (.ipv6(let a, _, _), .ipv6(let b, _, _)): a == b
        case (.ipv4, .ipv6), (.ipv6, .ipv4): false
        }
    }
}
