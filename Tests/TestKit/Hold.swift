import Kernel

/// A file by whose presence a test keeps workers from getting ready, through the rule `exec:`.
package final class Hold {
    private let folder: TemporaryFolder

    package init() throws { folder = try TemporaryFolder() }

    private var file: String { folder.file("hold") }

    /// Options for a service whose workers get ready only while the hold is off.
    ///
    /// - Parameter index: the only worker that it holds; all of them if none is named.
    package func options(worker index: Int? = nil) -> [String] {
        let free = "test ! -e \(file)"
        let rule = index.map { "\(free) || test $RELEVO_WORKER != \($0)" } ?? free
        return ["--ready", "exec:sh -c '\(rule)'"]
    }

    package func set() throws { try writeFile(file, Array("held\n".utf8)) }

    package func release() throws { try removeFile(file) }
}
