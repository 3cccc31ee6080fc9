/// Which file a generation runs.
package struct ProgramStatus: Codable, Equatable, Sendable {
    /// What the command led to when the generation began, every symbolic link followed.
    package var path: String
    /// The generation that it was found for: an earlier one after a rollback.
    package var since: Int
    package var device: Int
    package var inode: Int
    package var size: Int
    /// RFC 3339.
    package var modified: String
    package var buildID: String?
    package var sha256: String?
    package var script: Bool
    /// Whether the file is held open: if not, a worker that is started again runs what is on disk.
    package var held: Bool
    /// What on disk is newer than what runs; nil where a start now would run the same.
    package var changed: String?
    /// Libraries that a worker has loaded, and a script's interpreter, that are other files on disk by now, or gone; nil
    /// where no worker could be looked into.
    package var loadedNewer: [String]?

    package init(
        path: String, since: Int, device: Int, inode: Int, size: Int, modified: String,
        buildID: String? = nil, sha256: String? = nil, script: Bool, held: Bool,
        changed: String? = nil, loadedNewer: [String]? = nil
    ) {
        self.path = path
        self.since = since
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.buildID = buildID
        self.sha256 = sha256
        self.script = script
        self.held = held
        self.changed = changed
        self.loadedNewer = loadedNewer
    }
}

/// When a generation began and who asked for it.
package struct OriginStatus: Codable, Equatable, Sendable {
    /// RFC 3339.
    package var at: String?
    /// nil where nobody asked over the control socket.
    package var uid: Int?
    package var message: String?

    package init(at: String? = nil, uid: Int? = nil, message: String? = nil) {
        self.at = at
        self.uid = uid
        self.message = message
    }
}
