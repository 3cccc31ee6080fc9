import Glibc
import SystemPackage

/// The path of a program as execvp(3) finds it: a name with a slash is one already, another is
/// looked for in the folders of `path`.
///
/// What is there but cannot be executed is "permission denied", as long as nothing better follows.
package func resolveExecutable(
    _ name: String, path: String = Environment.value(of: "PATH") ?? "/usr/local/bin:/usr/bin:/bin"
) throws(KernelError) -> String {
    if name.contains("/") {
        try checkExecutable(name)
        return name
    }
    var reason = Errno.noSuchFileOrDirectory
    for folder in path.split(separator: ":", omittingEmptySubsequences: false) where !name.isEmpty {
        let candidate = folder.isEmpty ? "./\(name)" : "\(folder)/\(name)"
        do throws(KernelError) {
            try checkExecutable(candidate)
            return candidate
        } catch {
            if error.errno == .permissionDenied { reason = error.errno }
        }
    }
    throw KernelError("execute", reason, on: "\(name) (looked for in \(path))")
}

private func checkExecutable(_ path: String) throws(KernelError) {
    guard let status = try FileStatus(of: path) else {
        throw KernelError("execute", .noSuchFileOrDirectory, on: path)
    }
    guard status.kind == .regular else { throw KernelError("execute", .permissionDenied, on: path) }
    try check("execute", on: path) {
        unsafe KeptText.withBytes(of: path) { unsafe faccessat(AT_FDCWD, $0, X_OK, AT_EACCESS) }
    }
}
