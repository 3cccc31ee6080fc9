import CKernel
import Glibc
import SystemPackage

extension OwnedDescriptor {
    /// Takes one connection off a listener; nil when none waits or the one that did is gone.
    borrowing func acceptConnection(nonBlocking: Bool = true) throws(KernelError)
        -> OwnedDescriptor?
    {
        let number = self.number
        do throws(KernelError) {
            let accepted = try checkUnlessBlocked("accept4") {
                relevo_accept(number, nonBlocking ? 1 : 0)
            }
            return accepted.map { OwnedDescriptor(adopting: $0) }
        } catch {
            guard error.errno == .connectionAbort else { throw error }
            return nil
        }
    }
}
