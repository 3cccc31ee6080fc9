import Glibc
import SystemPackage

/// Where a path leads to in the end, every symbolic link followed.
package func realPath(_ path: String) throws(KernelError) -> String {
    guard let found = unsafe realpath(path, nil) else {
        throw KernelError("realpath", Errno(rawValue: errno), on: path)
    }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
}

/// This process's folder by the name that it was started with: $PWD, if that leads to the folder.
package func namedCurrentFolder() throws(KernelError) -> String {
    if let named = Environment.value(of: "PWD"), named.hasPrefix("/"),
        let there = try? FileStatus(of: named), let here = try FileStatus(of: "."),
        there.device == here.device, there.inode == here.inode
    {
        return named
    }
    return try readLink("/proc/self/cwd")
}

/// Makes a symbolic link.
package func makeLink(at path: String, to target: String) throws(KernelError) {
    try check("symlink", on: path) { unsafe symlink(target, path) }
}
