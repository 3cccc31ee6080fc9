package import Kernel

/// Descriptors that the service manager keeps over this process's end (systemd's fd store).
///
/// All are stored with FDPOLL=0: without it systemd drops what it cannot poll or what has hung up.
/// It tells open descriptions apart, not descriptors: of two duplicates it keeps the first alone,
/// under its first name.
package final class FDStore {
    private let channel: NotifyChannel
    /// How many descriptors the unit may store; what is beyond it is dropped by the manager. Nil
    /// where nobody could be asked.
    package let capacity: Int?
    /// What the store holds now, by the names without our prefix.
    package private(set) var names: Set<String>

    /// The store behind this channel.
    ///
    /// - Parameter names: what an earlier supervisor left in it.
    package init(
        behind channel: NotifyChannel, capacity: Int? = nil, holding names: Set<String> = []
    ) {
        self.channel = channel
        self.capacity = capacity
        self.names = names
    }

    /// Called once, when the manager would drop what is stored next.
    package var overflowed: (() -> Void)?

    /// Keeps a duplicate under this name, in place of whatever has the name.
    ///
    /// The name is without our prefix; `InheritedDescriptors` gives it back so.
    package func keep(
        _ holder: borrowing some DescriptorHolder & ~Copyable, as name: String
    ) throws(KernelError) {
        var descriptors = DescriptorList()
        try descriptors.append(duplicateOf: holder)
        // Not in one message: systemd 252 would store first and remove then.
        if names.contains(name) { forget(name) }
        if let capacity, names.count >= capacity {
            overflowed?()
            overflowed = nil
            return
        }
        names.insert(name)
        channel.send(
            ["FDSTORE=1", "FDPOLL=0", "FDNAME=\(StoredName.full(name))"], descriptors: descriptors)
    }

    /// Drops what has this name, if anything has.
    package func forget(_ name: String) {
        names.remove(name)
        channel.send(["FDSTOREREMOVE=1", "FDNAME=\(StoredName.full(name))"])
    }
}
