import Glibc
import SystemPackage

/// Removes a folder with all that is in it; symbolic links are removed and not followed, so that what is
/// outside stays whoever filled it. Nothing happens where there is none.
///
/// - Throws: the first that could not be removed.
package func removeTree(_ path: String) throws(KernelError) {
    do throws(KernelError) {
        var removal = TreeRemoval()
        repeat {
            removal.moved = 0
            // Read from its beginning: what was too deep has come up meanwhile.
            let folder = try openFile(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            try removal.empty(folder, below: folder, depth: 0)
        } while removal.moved > 0
    } catch {
        if error.errno == .noSuchFileOrDirectory { return }
        throw error
    }
    try removeFolder(path)
}

/// Empties a folder with few descriptors, however deep it goes.
private struct TreeRemoval {
    /// Each level takes a descriptor. What is deeper is moved to the top, and is removed from there.
    private static let deepest = 64

    /// How many folders were moved to the top.
    var moved = 0

    mutating func empty(
        _ folder: borrowing OwnedDescriptor, below top: borrowing OwnedDescriptor, depth: Int
    ) throws(KernelError) {
        let number = folder.number
        for name in try names(in: folder) {
            do throws(KernelError) {
                try remove(name, in: number, 0)
            } catch {
                guard error.errno == .isDirectory || error.errno == .notPermitted else {
                    throw error
                }
                if depth == Self.deepest {
                    try move(name, in: number, to: top.number)
                    continue
                }
                let inner = OwnedDescriptor(
                    adopting: try check("open", on: name) {
                        unsafe KeptText.withBytes(of: name) {
                            unsafe openat(
                                number, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                        }
                    })
                try empty(inner, below: top, depth: depth + 1)
                try remove(name, in: number, AT_REMOVEDIR)
            }
        }
    }

    private func remove(_ name: String, in folder: Int32, _ flags: Int32) throws(KernelError) {
        try check("unlink", on: name) {
            unsafe KeptText.withBytes(of: name) { unsafe unlinkat(folder, $0, flags) }
        }
    }

    /// Under a name that the top does not have.
    private mutating func move(
        _ name: String, in folder: Int32, to top: Int32
    ) throws(KernelError) {
        moved += 1
        let upper = "relevo-\(moved)-\(UInt64.random(in: .min ... .max))"
        try check("rename", on: name) {
            unsafe KeptText.withBytes(of: name) { unsafe renameat(folder, $0, top, upper) }
        }
    }
}
