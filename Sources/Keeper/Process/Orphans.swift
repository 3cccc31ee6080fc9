import Kernel

/// Processes whose parent has ended, so that the keeper became their parent: a server behind a wrapper that
/// gave it a session of its own, a helper that turned into a daemon.
struct Orphans {
    /// Looked at in one go: a worker may start processes without end.
    private static let mostAtOnce = 1024

    /// Those that were there when no worker had just ended, and tell nothing of whose they are.
    private var known: Set<Int32> = []

    /// Takes note of those that are there now.
    mutating func look(besides workers: Set<Int32>) {
        known = Set(Self.children(besides: workers))
    }

    /// Those that a worker that has ended has left behind: they have its environment, or came just now and
    /// have nobody's.
    ///
    /// - Parameter others: the marks of workers that run.
    mutating func left(
        by mark: [UInt8]?, others: Set<[UInt8]>, besides workers: Set<Int32>
    ) -> [Int32] {
        Self.children(besides: workers).filter { child in
            let entries = Set(ProcessView.environment(of: child).map { Array($0) })
            if let mark, entries.contains(mark) { return true }
            return !known.contains(child) && entries.isDisjoint(with: others)
        }
    }

    private static func children(besides workers: Set<Int32>) -> [Int32] {
        Array(
            ((try? Reaping.children()) ?? []).lazy.filter { !workers.contains($0) }
                .prefix(mostAtOnce))
    }
}
