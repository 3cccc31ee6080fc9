import CKernel
import Glibc

/// What a thread has of its own, apart from the rest of its process; its children inherit it.
package struct Isolation: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// A copy of the descriptor table: what others open and close is not seen any more.
    package static let descriptors = Isolation(rawValue: 1)
    /// A network namespace with nothing but the loopback interface (needs CAP_SYS_ADMIN).
    package static let network = Isolation(rawValue: 2)

    /// Separates the calling thread, for good.
    package func enter() throws(KernelError) {
        if contains(.descriptors) {
            try check("unshare CLONE_FILES") { relevo_unshare_descriptors() }
        }
        if contains(.network) {
            try check("unshare CLONE_NEWNET") { relevo_unshare_network() }
        }
    }
}
