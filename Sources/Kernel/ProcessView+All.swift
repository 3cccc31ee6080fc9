import Glibc

extension ProcessView {
    /// The processes that this one sees in /proc.
    package static func all() throws(KernelError) -> [Int32] {
        try listFolder("/proc").compactMap { Int32($0) }
    }

    /// This process.
    package static var own: Int32 { getpid() }
}
