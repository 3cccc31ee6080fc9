package import Kernel

/// What the service manager says of the unit that this process is in.
package struct OwnUnit: Sendable {
    /// As `systemctl` names it, such as `dns.service`.
    package let name: String
    package let job: UnitJob
    /// FileDescriptorStoreMax=; nil for a unit that is no service.
    package let storeCapacity: Int?
    /// How many descriptors the manager keeps for it now.
    package let stored: Int?
    /// KillMode=; nil for a unit that has no processes of its own.
    package let killMode: String?
    /// TimeoutStopSec=; nil where it is infinite or not known.
    package let stopTimeout: Duration?
    /// Whether the whole system, or the user's session, is being shut down.
    package let isShuttingDown: Bool

    /// Asks the manager that this process belongs to, the system's or the user's, and goes on from the
    /// loop with what it says: nil when it cannot be reached in time or knows nothing of us.
    package static func ask(
        within limit: Duration = .seconds(1), in loop: EventLoop,
        then: @escaping (OwnUnit?) -> Void
    ) throws(KernelError) -> Errand<OwnUnit?> {
        try Errand(in: loop, { find(within: limit) }, then: then)
    }

    /// It blocks, at most so long.
    private static func find(within limit: Duration) -> OwnUnit? {
        guard let manager = ManagerKind.ofThisProcess,
            let bus = ManagerBus(to: manager, within: limit),
            let path = bus.unitPath(ofProcess: ProcessIdentity.processID),
            let name = bus.text("Id", of: path, in: .unit)
        else { return nil }
        return OwnUnit(
            name: name, job: bus.job(of: path),
            storeCapacity: bus.number("FileDescriptorStoreMax", of: path, in: .service),
            stored: bus.number("NFileDescriptorStore", of: path, in: .service),
            killMode: bus.text("KillMode", of: path, in: .service),
            stopTimeout: bus.time("TimeoutStopUSec", of: path, in: .service),
            isShuttingDown: bus.text("SystemState", of: ManagerBus.root, in: .manager)
                == "stopping")
    }
}
