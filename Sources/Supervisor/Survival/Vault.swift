import Keeper
import Kernel
import ServiceCore
import Systemd

/// A place where descriptors outlive the supervisor, by name; a name kept again is replaced.
protocol VaultPlace: AnyObject {
    /// Keeps a duplicate.
    func keep(
        _ holder: borrowing some DescriptorHolder & ~Copyable, as name: String
    ) throws(KernelError)
    func forget(_ name: String)
}

extension KeeperLink: VaultPlace {}
extension FDStore: VaultPlace {}

/// Where the next supervisor finds what this one holds. Each of the places alone suffices.
final class Vault {
    private var places: [any VaultPlace] = []
    /// Told when a descriptor could not be kept, so that the next supervisor would miss it.
    var failed: (KeptName, KernelError) -> Void = { _, _ in }

    func add(_ place: any VaultPlace) { places.append(place) }

    func remove(_ place: any VaultPlace) { places.removeAll { $0 === place } }

    /// Keeps a duplicate, everywhere or in one place that has been added later.
    func keep(
        _ holder: borrowing some DescriptorHolder & ~Copyable, as name: KeptName,
        in place: (any VaultPlace)? = nil
    ) {
        for place in place.map({ [$0] }) ?? places {
            do throws(KernelError) {
                try place.keep(holder, as: name.description)
            } catch {
                failed(name, error)
            }
        }
    }

    func forget(_ name: KeptName) {
        for place in places { place.forget(name.description) }
    }
}
