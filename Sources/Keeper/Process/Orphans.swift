import Kernel

/// Processes whose parent has ended, so that the keeper became their parent: a server behind a wrapper that
/// gave it a session of its own, a helper that turned into a daemon.
struct Orphans {
    /// Looked at in one go: a worker may start processes without end.
    private static let mostAtOnce = 1024

    /// Those that were there when no worker had just ended, and tell nothing of whose they are.
    private var known: Set<Int32> = []
    /// Those that may be of the worker that had just ended, or of one that ran.
    private var undecided: Set<Int32> = []

    private static let mostDescriptors = 65_536

    /// Takes note of those that are there now.
    mutating func look(besides workers: Set<Int32>) {
        let children = Set(Self.children(besides: workers))
        undecided.formIntersection(children)
        known = children.subtracting(undecided)
    }

    /// Those that a worker that has ended has left behind: they have its environment, or came just now, have
    /// nobody's, and can be of nobody else or have a slot's socket.
    ///
    /// - Parameters:
    ///   - others: the marks of workers that run.
    ///   - workers: the processes of workers that run.
    ///   - slots: the sockets of all slots.
    mutating func left(
        by mark: [UInt8]?, others: Set<[UInt8]>, besides workers: Set<Int32>,
        slots: () -> Set<UInt64>
    ) -> [Int32] {
        var found: [Int32] = []
        // Looked up once, and only where somebody has come.
        lazy var held = slots()
        for child in Self.children(besides: workers) {
            let entries = Set(ProcessView.environment(of: child).map { Array($0) })
            if let mark, entries.contains(mark) {
                found.append(child)
            } else if !known.contains(child), entries.isDisjoint(with: others) {
                if workers.isEmpty || Self.reads(child, held, besides: workers) {
                    found.append(child)
                } else {
                    undecided.insert(child)
                }
            }
        }
        return found
    }

    /// Whether a process has a slot's socket that no worker has: a helper of one that runs has that one's.
    private static func reads(
        _ process: Int32, _ slots: Set<UInt64>, besides workers: Set<Int32>
    ) -> Bool {
        func sockets(_ process: Int32) -> Set<UInt64> {
            Set((try? ProcessView.socketInodes(of: process, atMost: mostDescriptors)) ?? [])
        }
        let held = sockets(process).intersection(slots)
        return !held.isEmpty && workers.allSatisfy { held.isDisjoint(with: sockets($0)) }
    }

    private static func children(besides workers: Set<Int32>) -> [Int32] {
        Array(
            ((try? Reaping.children()) ?? []).lazy.filter { !workers.contains($0) }
                .prefix(mostAtOnce))
    }
}
