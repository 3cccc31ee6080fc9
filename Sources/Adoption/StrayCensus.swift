package import Kernel

/// Finds processes that come from no running worker and still have something of the service: its mark in their
/// environment, or one of its sockets.
///
/// It goes through all of /proc, so it is a thread's work.
package struct StrayCensus: Sendable {
    /// One of them.
    package struct Stray: Sendable {
        package let pid: Int32
        package let name: String
        /// What follows the mark in its environment; nil where it has none.
        package let mark: String?
        /// Whether it comes from the supervisor or its keeper.
        package let isOurs: Bool
        /// Those of the service's sockets that it has open.
        package let inodes: Set<UInt64>
    }

    /// The processes of the workers that run.
    private let workers: Set<Int32>
    /// The supervisor and its keeper.
    private let parents: Set<Int32>
    private let mark: [UInt8]
    private let folder: KnownFolder?
    private let inodes: Set<UInt64>

    private static let mostDescriptors = 65_536
    /// More are not told of.
    private static let mostStrays = 64

    /// - Parameters:
    ///   - mark: how an entry begins in the environments of workers and of what they start.
    ///   - folder: what it names something in.
    package init(
        workers: Set<Int32>, parents: Set<Int32>, mark: String, of folder: KnownFolder?,
        inodes: Set<UInt64>
    ) {
        self.folder = folder
        self.workers = workers
        self.parents = parents
        self.mark = Array(mark.utf8)
        self.inodes = inodes
    }

    /// Those that can be seen, in the order of their pids.
    package func look() -> [Stray] {
        // Who has started the supervisor may have given it sockets, and keep them.
        let spared = workers.union(parents).union(ProcessView.ancestors(of: ProcessView.own))
        var found: [Stray] = []
        for pid in ((try? ProcessView.all()) ?? []).sorted() where !spared.contains(pid) {
            guard let stray = look(at: pid) else { continue }
            found.append(stray)
            if found.count == Self.mostStrays { break }
        }
        return found
    }

    /// A process as it is now; nil for one that is none of them.
    package func look(at pid: Int32) -> Stray? {
        if workers.contains(pid) { return nil }
        var mark = ProcessView.environment(of: pid).first { $0.starts(with: self.mark) }
            .map { KeptText.text($0.dropFirst(self.mark.count)) }
        let open = try? ProcessView.socketInodes(of: pid, atMost: Self.mostDescriptors)
        let held = inodes.intersection(open ?? [])
        guard mark != nil || !held.isEmpty else { return nil }
        let ancestors = ProcessView.ancestors(of: pid)
        guard !ancestors.contains(where: workers.contains) else { return nil }
        let isOurs = ancestors.contains(where: parents.contains)
        if !isOurs, folder?.isFound(by: pid) != true { mark = nil }
        guard mark != nil || !held.isEmpty else { return nil }
        let name = ProcessView.name(of: pid)
        // They only keep sockets.
        if ProcessView.isServiceManager(name) || ProcessView.supervisors.contains(name) {
            return nil
        }
        return Stray(pid: pid, name: name, mark: mark, isOurs: isOurs, inodes: held)
    }
}
