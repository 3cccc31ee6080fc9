import Kernel

/// Which sockets the processes of this machine have open, looked up at most once a second while nobody has
/// the ones that are asked about.
///
/// One that is said to be free was free within the last second, and nobody comes to have it by himself;
/// one that is said to be held is held now.
package struct HolderCensus {
    private var open: [Int32: Set<UInt64>] = [:]
    private var goodUntil: Duration?

    private static let mostDescriptors = 65_536

    package init() {}

    /// Whether a process that we may look at has the socket open, besides some that only keep it; a service
    /// manager is one of those.
    package mutating func hold(_ inode: UInt64, besides keepers: Set<Int32>) -> Bool {
        let now = MonotonicClock.now()
        if let goodUntil, now < goodUntil, !isHeld(inode, besides: keepers) { return false }
        look()
        goodUntil = now + .seconds(1)
        return isHeld(inode, besides: keepers)
    }

    private func isHeld(_ inode: UInt64, besides keepers: Set<Int32>) -> Bool {
        open.contains { !keepers.contains($0.key) && $0.value.contains(inode) }
    }

    private mutating func look() {
        open = [:]
        for process in (try? ProcessView.all()) ?? [] {
            guard !ProcessView.isServiceManager(ProcessView.name(of: process)),
                let inodes = try? ProcessView.socketInodes(
                    of: process, atMost: Self.mostDescriptors),
                !inodes.isEmpty
            else { continue }
            open[process] = Set(inodes)
        }
    }
}
