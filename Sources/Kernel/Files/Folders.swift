import CKernel
import Glibc
import SystemPackage

/// The names in a folder, without `.` and `..`, in no order.
package func listFolder(_ path: String) throws(KernelError) -> [String] {
    try names(in: try openFile(path, O_RDONLY | O_DIRECTORY))
}

/// The names in an open folder, read once: what is added meanwhile may be missing.
func names(in folder: borrowing OwnedDescriptor) throws(KernelError) -> [String] {
    var names: [String] = []
    while true {
        let more = try nextNames(in: folder, atMost: 32_768)
        if more.isEmpty { return names }
        names += more
    }
}

/// The names that come next in an open folder; none at its end.
///
/// - Parameter size: so many bytes of entries.
func nextNames(
    in folder: borrowing OwnedDescriptor, atMost size: Int
) throws(KernelError) -> [String] {
    let number = folder.number
    var room = [UInt8](repeating: 0, count: size)
    let length = try check("getdents64") {
        unsafe relevo_folder_entries(number, &room, room.count)
    }
    return room[..<Int(length)].split(separator: 0).map { KeptText.text($0) }
}

/// Makes a folder; one that is there already is an error.
package func makeFolder(_ path: String, mode: UInt32 = 0o755) throws(KernelError) {
    try check("mkdir", on: path) {
        unsafe KeptText.withBytes(of: path) { unsafe mkdir($0, mode) }
    }
}

/// Makes a folder and those above it where they are missing; mode is the last one's.
package func makeFolders(_ path: String, mode: UInt32 = 0o755) throws(KernelError) {
    let parts = path.split(separator: "/")
    var made = path.hasPrefix("/") ? "" : "."
    for (index, part) in parts.enumerated() {
        made += "/\(part)"
        do throws(KernelError) {
            try makeFolder(made, mode: index == parts.count - 1 ? mode : 0o755)
        } catch {
            guard error.errno == .fileExists else { throw error }
        }
    }
}

/// Removes an empty folder.
package func removeFolder(_ path: String) throws(KernelError) {
    try check("rmdir", on: path) {
        unsafe KeptText.withBytes(of: path) { unsafe rmdir($0) }
    }
}

/// Makes a fresh folder of this user's own in a temporary place; its path.
package func makeTemporaryFolder(prefix: String = "/tmp/relevo-") throws(KernelError) -> String {
    var template = Array("\(prefix)XXXXXX".utf8CString)
    try check("mkdtemp", on: prefix) { unsafe mkdtemp(&template) == nil ? -1 : 0 }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The paths of FILE.d/*.conf in the order of their names; none where there is no such folder.
package func dropIns(of path: String) throws(KernelError) -> [String] {
    do throws(KernelError) {
        let names = try listFolder("\(path).d")
        return names.filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .map { "\(path).d/\($0)" }
    } catch {
        guard error.isNothingThere else { throw error }
        return []
    }
}

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
