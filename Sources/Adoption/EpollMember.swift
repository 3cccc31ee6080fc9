/// A descriptor in an epoll set.
package struct EpollMember: Equatable, Sendable {
    /// Its number when it was added; it may have been closed or reused since.
    package let descriptor: Int32
    /// Its inode, which kernels from 4.13 on print.
    package let inode: UInt64?

    package init(descriptor: Int32, inode: UInt64?) {
        self.descriptor = descriptor
        self.inode = inode
    }
}
