import Kernel

/// What the service manager keeps of a supervisor that was killed or is being restarted.
enum FormerSupervisor {
    /// The descriptor of its record; nil where there is none, as before the first start.
    static var record: Int32? {
        let names = (Environment.value(of: "LISTEN_FDNAMES") ?? "")
            .split(separator: ":", omittingEmptySubsequences: false)
        let index = names.prefix(Int(InheritedSockets.count)).firstIndex(of: "relevo.state")
        return index.map { 3 + Int32($0) }
    }
}
