import Kernel

/// The descriptors that the service manager handed over at the start (sd_listen_fds(3)): those that
/// we stored ourselves, and those of socket units.
package struct InheritedDescriptors {
    /// From the fd store, by the names that we gave them; two may have the same name.
    package private(set) var stored: [InheritedDescriptor] = []
    /// From socket units, and whatever others stored, by the names that the units give them.
    package private(set) var sockets: [InheritedDescriptor] = []

    package var isEmpty: Bool { stored.isEmpty && sockets.isEmpty }

    /// More than systemd passes; a number beyond it is a mistake.
    private static let most = 1 << 20

    private static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]

    /// Takes over what the environment names, and removes the variables: called before anything
    /// else is opened, for the environment may be wrong. Nothing is taken that is meant for another
    /// process, or that is not open.
    ///
    /// - Parameter others: numbers that somebody else has handed over.
    package static func take(except others: Set<Int32> = []) -> InheritedDescriptors {
        let found = InheritedDescriptors(except: others, Environment.value)
        for variable in variables { _ = try? Environment.remove(variable) }
        return found
    }

    init(except others: Set<Int32>, _ value: (String) -> String?) {
        guard let process = value("LISTEN_PID"), Int32(process) == ProcessIdentity.processID,
            let count = value("LISTEN_FDS").flatMap({ Int32($0) }), 0...Self.most ~= Int(count)
        else { return }
        let names = (value("LISTEN_FDNAMES") ?? "")
            .split(separator: ":", omittingEmptySubsequences: false)
        var missing = 0
        for index in 0..<count where !others.contains(3 + index) {
            guard let descriptor = adoptInherited(3 + index) else {
                missing += 1
                // A wrong count must not cost a million calls.
                if missing > 64 { break }
                continue
            }
            // As sd_listen_fds_with_names(3) calls those without a name.
            let name = Int(index) < names.count ? String(names[Int(index)]) : "unknown"
            if name.hasPrefix(StoredName.prefix) {
                let own = String(name.dropFirst(StoredName.prefix.count))
                stored.append(InheritedDescriptor(own, descriptor))
            } else {
                sockets.append(InheritedDescriptor(name, descriptor))
            }
        }
    }
}
