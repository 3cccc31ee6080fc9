import Glibc
import SystemPackage

/// Removes a folder with all that is in it; symbolic links are removed and not followed, so that what is
/// outside stays whoever filled it. Nothing happens where there is none.
///
/// - Throws: the first that could not be removed, folders nested deeper than a bound among them.
package func removeTree(_ path: String) throws(KernelError) {
    do throws(KernelError) {
        let folder = try openFile(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        try empty(folder, depth: 0)
    } catch {
        if error.errno == .noSuchFileOrDirectory { return }
        throw error
    }
    try removeFolder(path)
}

/// Deeper than anybody means it; each level takes a descriptor.
private let deepest = 64

private func empty(_ folder: borrowing OwnedDescriptor, depth: Int) throws(KernelError) {
    guard depth < deepest else { throw KernelError("unlink", .fileNameTooLong) }
    let number = folder.number
    for name in try names(in: folder) {
        do throws(KernelError) {
            try check("unlink", on: name) { unsafe unlinkat(number, name, 0) }
        } catch {
            guard error.errno == .isDirectory || error.errno == .notPermitted else { throw error }
            let inner = OwnedDescriptor(
                adopting: try check("open", on: name) {
                    unsafe openat(
                        number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                })
            try empty(inner, depth: depth + 1)
            try check("rmdir", on: name) { unsafe unlinkat(number, name, AT_REMOVEDIR) }
        }
    }
}
