/// A folder as this process has it. The same path may lead a process in a container to another one, whose service
/// of the same name is none of ours.
package struct KnownFolder: Sendable {
    private let path: String
    private let device: UInt64
    private let inode: UInt64

    /// - Parameter path: from the root; nil where nothing is there.
    package init?(_ path: String) {
        guard path.hasPrefix("/"), let status = try? FileStatus(of: path) else { return nil }
        self.path = path
        device = status.device
        inode = status.inode
    }

    /// Whether a process means this folder by its path: it leads the process here, or, where the process has a root
    /// or mounts of its own, it comes from this process. False where that cannot be seen.
    package func isMeant(by process: Int32) -> Bool {
        isFound(by: process) || ProcessView.descends(process, from: ProcessView.own)
    }

    /// Whether the path leads a process to this folder; false where that cannot be seen.
    package func isFound(by process: Int32) -> Bool {
        guard let status = try? FileStatus(of: "/proc/\(process)/root\(path)") else { return false }
        return status.device == device && status.inode == inode
    }
}
