import Glibc

/// Opens a file with open(2)'s flags, CLOEXEC always.
package func openFile(
    _ path: String, _ flags: Int32, mode: UInt32 = 0o600
) throws(KernelError) -> OwnedDescriptor {
    OwnedDescriptor(
        adopting: try check("open", on: path) {
            unsafe KeptText.withBytes(of: path) { unsafe open($0, flags | O_CLOEXEC, mode) }
        })
}
