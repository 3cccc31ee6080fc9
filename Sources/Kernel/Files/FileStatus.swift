import Glibc
import SystemPackage

/// What stat(2) says of a file.
package struct FileStatus: Hashable, Sendable {
    /// The kinds that matter here.
    package enum Kind: Sendable {
        case regular
        case folder
        case socket
        case link
        case other
    }

    package let kind: Kind
    /// The permission bits.
    package let mode: UInt32
    package let uid: UInt32
    package let gid: UInt32
    package let size: Int64
    package let device: UInt64
    package let inode: UInt64
    /// When it was written to last, in nanoseconds since 1970; 0 for before.
    package let modified: UInt64

    /// What a path leads to; nil when nothing is there.
    package init?(of path: String, followingLinks: Bool = true) throws(KernelError) {
        var raw = stat()
        do throws(KernelError) {
            try check("stat", on: path) {
                unsafe KeptText.withBytes(of: path) { path in
                    followingLinks ? unsafe stat(path, &raw) : unsafe lstat(path, &raw)
                }
            }
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
        self.init(raw)
    }

    /// What a descriptor is of.
    package init(ofFile number: Int32) throws(KernelError) {
        var raw = stat()
        try check("fstat") { unsafe fstat(number, &raw) }
        self.init(raw)
    }

    private init(_ raw: stat) {
        switch raw.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .folder
        case S_IFSOCK: kind = .socket
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        mode = raw.st_mode & 0o7777
        uid = raw.st_uid
        gid = raw.st_gid
        size = Int64(raw.st_size)
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        modified =
            UInt64(max(0, raw.st_mtim.tv_sec)) &* 1_000_000_000
            &+ UInt64(max(0, raw.st_mtim.tv_nsec))
    }
}

/// Ways to open a file, for code that makes no system calls of its own.
package enum FileFlags {
    /// To be written at its end, whether or not it was there.
    package static let append = O_WRONLY | O_CREAT | O_APPEND
}
