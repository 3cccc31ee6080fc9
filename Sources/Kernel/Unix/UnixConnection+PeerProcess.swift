import Glibc
import SystemPackage

extension UnixConnection {
    /// Linux 6.5, newer than some C libraries' headers.
    private static let peerDescriptor: Int32 = 77

    /// The process that connected; where an older kernel does not tell, it is looked up by its number
    /// and may have become another one.
    package borrowing func peerProcess() throws(KernelError) -> ProcessHandle {
        do throws(KernelError) {
            return try withRaw { (number) throws(KernelError) in
                ProcessHandle(
                    adopting: OwnedDescriptor(
                        adopting: try option(
                            "getsockopt SO_PEERPIDFD", of: number, Self.peerDescriptor,
                            initial: Int32(-1))))
            }
        } catch {
            guard error.errno == .protocolNotAvailable else { throw error }
            return try ProcessHandle(opening: try peerCredentials().pid)
        }
    }
}
