import Synchronization

/// The soft limit on the size of files (RLIMIT_FSIZE). The memory files of a supervisor are files to the kernel
/// too: it takes as much as it may have, and what it starts has the limit that it was started with itself.
package enum FileSizes {
    private static let former = Mutex<UInt64?>(nil)

    /// What it was before; nil where it was not raised.
    package static var before: UInt64? { former.withLock { $0 } }

    /// Raises this process's limit as far as it may.
    static func raise() {
        guard let limit = try? ResourceLimit.fileSize.read(), limit.soft < limit.hard,
            (try? ResourceLimit.fileSize.set(soft: limit.hard, hard: limit.hard)) != nil
        else { return }
        former.withLock { $0 = limit.soft }
    }

    /// Goes back to it, for the program that this process becomes.
    static func restore() {
        guard let before, let limit = try? ResourceLimit.fileSize.read() else { return }
        _ = try? ResourceLimit.fileSize.set(soft: min(before, limit.hard), hard: limit.hard)
    }
}

/// The limits of which a supervisor takes all that it may have.
package enum OwnLimits {
    package static func raise() {
        OpenFiles.raise()
        FileSizes.raise()
    }

    static func restore() {
        OpenFiles.restore()
        FileSizes.restore()
    }
}
