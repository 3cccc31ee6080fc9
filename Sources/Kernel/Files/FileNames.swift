import Glibc
import SystemPackage

/// Removes a name; false when there is none.
@discardableResult
package func removeFile(_ path: String) throws(KernelError) -> Bool {
    do throws(KernelError) {
        try check("unlink", on: path) { unsafe unlink(path) }
        return true
    } catch {
        guard error.errno == .noSuchFileOrDirectory else { throw error }
        return false
    }
}

/// Gives a file another name, in place of what had it, at once.
package func renameFile(_ path: String, to other: String) throws(KernelError) {
    try check("rename", on: path) { unsafe rename(path, other) }
}

/// Where a symbolic link points.
package func readLink(_ path: String) throws(KernelError) -> String {
    var room = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = try check("readlink", on: path) {
        unsafe room.withUnsafeMutableBytes { room in
            unsafe room.withMemoryRebound(to: CChar.self) {
                guard let start = $0.baseAddress else { return -1 }
                let room = $0.count
                return unsafe KeptText.withBytes(of: path) { unsafe readlink($0, start, room) }
            }
        }
    }
    return KeptText.text(room[..<count])
}

/// Changes who owns a file; nil leaves that half alone.
package func changeOwner(
    of path: String, uid: UInt32?, gid: UInt32?
) throws(KernelError) {
    try check("chown", on: path) { unsafe chown(path, uid ?? .max, gid ?? .max) }
}

/// Changes a file's permissions.
package func changeMode(of path: String, to mode: UInt32) throws(KernelError) {
    try check("chmod", on: path) { unsafe chmod(path, mode) }
}
