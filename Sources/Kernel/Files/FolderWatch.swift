import Glibc

/// Becomes readable when something in a folder is written to, made or renamed (inotify(7)).
package struct FolderWatch: ~Copyable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    package init(of folder: String) throws(KernelError) {
        let descriptor = OwnedDescriptor(
            adopting: try check("inotify_init1") { inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)) })
        let mask = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO)
        try descriptor.withRaw { (number) throws(KernelError) in
            _ = try check("inotify_add_watch", on: folder) {
                unsafe KeptText.withBytes(of: folder) { unsafe inotify_add_watch(number, $0, mask) }
            }
        }
        self.descriptor = descriptor
    }

    /// Forgets what has happened so far.
    package borrowing func acknowledge() throws(KernelError) {
        while try descriptor.read(upTo: 4096)?.isEmpty == false {}
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}
