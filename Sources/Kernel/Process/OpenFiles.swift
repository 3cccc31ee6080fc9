import Synchronization

/// The soft limit of descriptors. A supervisor takes all that it may have; what it starts has the limit
/// that it was started with itself, for programs that count on a low one (select(2)).
package enum OpenFiles {
    /// More than any service needs; a limit may be without end.
    private static let enough: UInt64 = 1 << 20
    private static let former = Atomic<UInt64>(0)

    /// Raises this process's limit as far as it may.
    static func raise() {
        guard let limit = try? ResourceLimit.openFiles.read() else { return }
        let wanted = max(limit.soft, min(limit.hard, enough))
        guard wanted > limit.soft else { return }
        do throws(KernelError) {
            try ResourceLimit.openFiles.set(soft: wanted, hard: limit.hard)
            former.store(limit.soft, ordering: .relaxed)
        } catch {
            // It goes on with what it has, and says so when that is not enough.
        }
    }

    /// How many descriptors this process has open; nil where /proc is not there.
    package static func count() -> Int? {
        let folder = "/proc/self/fd"
        // Linux 6.2 and newer tell it as the folder's size.
        if let size = try? FileStatus(of: folder)?.size, size > 0 { return Int(size) }
        // One of them is that of the folder that is read.
        let numbers = try? ProcessView.numbers(in: "fd", of: ProcessView.own, atMost: Int(enough))
        return numbers.map { $0.count - 1 }
    }

    /// What it was before; nil where it was not raised.
    package static var before: UInt64? {
        let soft = former.load(ordering: .relaxed)
        return soft == 0 ? nil : soft
    }

    /// Goes back to it, for the program that this process becomes.
    static func restore() {
        guard let before, let limit = try? ResourceLimit.openFiles.read() else { return }
        _ = try? ResourceLimit.openFiles.set(soft: min(before, limit.hard), hard: limit.hard)
    }
}
