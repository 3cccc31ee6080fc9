import Kernel

extension DatagramSocketOptions {
    /// In no group: tests run side by side, and the kernel may give port 0 of a group's member the
    /// port of another one.
    static let alone = DatagramSocketOptions(reusePort: false)
}
