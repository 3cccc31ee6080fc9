import Glibc

/// A folder that one process at a time has locked (flock(2)); free again when its owner goes away,
/// killed or not. Who knows nothing of locks is not kept out.
package struct FolderLock: ~Copyable {
    private let folder: OwnedDescriptor

    /// - Throws: `EWOULDBLOCK` where another has it.
    package init(on path: String) throws(KernelError) {
        let opened = try openFile(path, O_RDONLY | O_DIRECTORY)
        let number = opened.number
        try check("flock", on: path) { flock(number, LOCK_EX | LOCK_NB) }
        folder = opened
    }
}
