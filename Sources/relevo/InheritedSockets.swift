import Kernel
import Settings

/// The sockets that systemd hands over (sd_listen_fds(3)); they are left to the supervisor.
enum InheritedSockets {
    /// What the names of those begin with that a supervisor stored; they are none of a unit's.
    private static let stored = "relevo."

    /// How many descriptors are meant for this process.
    static var count: Int32 {
        guard let process = Environment.value(of: "LISTEN_PID"),
            Int32(process) == ProcessIdentity.processID,
            let count = Environment.value(of: "LISTEN_FDS").flatMap({ Int32($0) })
        else { return 0 }
        return max(0, min(count, 1 << 16))
    }

    /// Makes a listener of every address that they are bound to and that has none, so that options
    /// for listeners are for them as well. The supervisor says what is wrong with the others.
    static func addListeners(to draft: inout SettingsDraft) {
        let names = (Environment.value(of: "LISTEN_FDNAMES") ?? "")
            .split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        for index in 0..<count {
            let name = Int(index) < names.count ? names[Int(index)] : ""
            guard !name.hasPrefix(stored), let socket = InheritedNumber(3 + index),
                let address = address(of: socket)
            else { continue }
            // The supervisor refuses what the draft does not take, such as port 0.
            try? draft.addListener(address, name: name)
        }
    }

    private static func address(of socket: InheritedNumber) -> String? {
        guard let facts = try? SocketFacts(of: socket), let address = facts.address else {
            return nil
        }
        switch facts.kind {
        case .udp: return "udp://\(address)"
        case .tcp: return "tcp://\(address)"
        case .other: return nil
        }
    }
}
