import CKernel

extension ProcessView {
    /// The inodes of the sockets that a process has open.
    package static func socketInodes(
        of process: Int32, atMost limit: Int
    ) throws(KernelError) -> [UInt64] {
        var failure: KernelError?
        let inodes = unsafe [UInt64](unsafeUninitializedCapacity: limit) { room, count in
            do throws(KernelError) {
                count = try check("open", on: "/proc/\(process)/fd") {
                    unsafe relevo_socket_inodes(process, room.baseAddress, room.count)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return inodes
    }
}
