package import Kernel

/// Descriptors that the service manager keeps over this process's end (systemd's fd store).
///
/// All are stored with FDPOLL=0: without it systemd drops what it cannot poll or what has hung up.
/// It tells open descriptions apart, not descriptors: of two duplicates it keeps the first alone,
/// under its first name.
package final class FDStore {
    private let channel: NotifyChannel

    /// The store behind this channel; `OwnUnit` tells whether it takes anything.
    package init(behind channel: NotifyChannel) { self.channel = channel }

    /// Keeps a duplicate under this name, in place of whatever has the name.
    ///
    /// The name is without our prefix; `InheritedDescriptors` gives it back so.
    package func keep(
        _ holder: borrowing some DescriptorHolder & ~Copyable, as name: String
    ) throws(KernelError) {
        var descriptors = DescriptorList()
        try descriptors.append(duplicateOf: holder)
        let name = StoredName.full(name)
        channel.send(
            ["FDSTOREREMOVE=1", "FDSTORE=1", "FDPOLL=0", "FDNAME=\(name)"],
            descriptors: descriptors)
    }

    /// Drops what has this name, if anything has.
    package func forget(_ name: String) {
        channel.send(["FDSTOREREMOVE=1", "FDNAME=\(StoredName.full(name))"])
    }
}
