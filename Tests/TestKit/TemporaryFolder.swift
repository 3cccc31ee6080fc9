import Kernel

/// A folder for one test, removed with the files in it.
package final class TemporaryFolder {
    package let path: String

    package init() throws { path = try makeTemporaryFolder(prefix: "/tmp/relevo-test-") }

    deinit { try? Self.remove(path) }

    /// The path of a file in it.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    private static func remove(_ path: String) throws {
        for name in try listFolder(path) {
            let entry = "\(path)/\(name)"
            if try FileStatus(of: entry, followingLinks: false)?.kind == .folder {
                try remove(entry)
            } else {
                try removeFile(entry)
            }
        }
        try removeFolder(path)
    }
}
