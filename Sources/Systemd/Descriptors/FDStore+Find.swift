import Kernel

extension FDStore {
    /// Why there is no fd store, in words for an administrator.
    package struct Missing: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// The fd store of the unit that this process is the main one of.
    ///
    /// - Parameters:
    ///   - unit: what the manager says of it; without it the store is believed in.
    ///   - names: what an earlier supervisor left in the store.
    package static func find(
        behind manager: ServiceManager, unit: OwnUnit?, holding names: Set<String> = []
    ) throws(Missing) -> FDStore {
        guard let channel = manager.channel else {
            throw Missing(description: "no service manager is there (no NOTIFY_SOCKET)")
        }
        // From systemd 254 on it says so itself.
        let promised = Environment.value(of: "FDSTORE").flatMap { Int($0) }
        guard promised != nil || Environment.value(of: "INVOCATION_ID") != nil else {
            throw Missing(description: "the service manager is not systemd")
        }
        guard let capacity = promised ?? unit?.storeCapacity else {
            if let unit { throw Missing(description: "\(unit.name) is no service") }
            return FDStore(behind: channel, capacity: nil, holding: names)
        }
        guard capacity > 0 else {
            throw Missing(
                description: "add FileDescriptorStoreMax=2048 to the [Service] of "
                    + (unit?.name ?? "the unit"))
        }
        return FDStore(behind: channel, capacity: capacity, holding: names)
    }
}
