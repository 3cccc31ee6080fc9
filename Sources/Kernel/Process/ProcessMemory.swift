import CKernel
import Glibc

/// Reads memory of another process (needs the right to trace it); fewer bytes where less is there.
package func readMemory(
    ofProcess pid: Int32, at address: UInt64, count: Int
) throws(KernelError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try check("process_vm_readv", on: "\(pid)") {
        unsafe bytes.withUnsafeMutableBytes {
            unsafe relevo_read_memory(pid, address, $0.baseAddress, $0.count)
        }
    }
    bytes.removeLast(count - got)
    return bytes
}
