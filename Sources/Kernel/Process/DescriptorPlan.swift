import Glibc
import SystemPackage

/// The descriptors that a child is to have, and no others.
///
/// It holds duplicates, so that what was placed may be closed or used on meanwhile. Standard input
/// is /dev/null, standard output and error are the parent's, unless they are placed.
package struct DescriptorPlan: ~Copyable {
    private var sources: [Int32: Int32] = [:]

    package init() {}

    deinit { for source in sources.values { close(source) } }

    /// The numbers taken so far, ascending.
    package var targets: [Int32] { sources.keys.sorted() }

    /// Puts a duplicate of the descriptor at a number in the child, instead of what was there.
    package mutating func place(
        _ holder: borrowing some DescriptorHolder & ~Copyable, at target: Int32
    ) throws(KernelError) {
        precondition(target >= 0, "a descriptor's number is not negative")
        let source = try holder.withRaw { (number) throws(KernelError) in
            try check("fcntl F_DUPFD_CLOEXEC") { fcntl(number, F_DUPFD_CLOEXEC, 3) }
        }
        if let replaced = sources.updateValue(source, forKey: target) { close(replaced) }
    }

    /// Fills the standard descriptors that nobody placed.
    mutating func completeStandard() throws(KernelError) {
        if sources[STDIN_FILENO] == nil {
            let null = try openFile("/dev/null", O_RDONLY)
            try place(null, at: STDIN_FILENO)
        }
        if sources[STDOUT_FILENO] == nil {
            try place(StandardStream.output, at: STDOUT_FILENO)
        }
        if sources[STDERR_FILENO] == nil { try place(StandardStream.error, at: STDERR_FILENO) }
    }

    /// Gives all sources away: closing them is the caller's business from here on.
    mutating func forget() { sources = [:] }

    /// Pairs of source and target by ascending target.
    var pairs: [(source: Int32, target: Int32)] {
        sources.sorted { $0.key < $1.key }.map { (source: $0.value, target: $0.key) }
    }
}
