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

extension DescriptorPlan {
    /// Takes all out, for a process that another one will start: where each belongs, ascending.
    package mutating func takeAll() -> [(target: Int32, descriptor: SharedDescriptor)] {
        let taken = pairs
        forget()
        return taken.map {
            (target: $0.target, descriptor: SharedDescriptor(OwnedDescriptor(adopting: $0.source)))
        }
    }
}

/// A descriptor that this process was started with and that is left to another program.
package struct InheritedNumber: DescriptorHolder, Sendable {
    private let number: Int32

    /// Nil when nothing is open at that number.
    package init?(_ number: Int32) {
        guard fcntl(number, F_GETFD) != -1 else { return nil }
        self.number = number
    }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(number)
    }
}

/// Takes over a descriptor that this process was started with, CLOEXEC from here on; nil when
/// nothing is open at that number, for who started us may have been wrong.
package func adoptInherited(_ number: Int32) -> OwnedDescriptor? {
    let flags = fcntl(number, F_GETFD)
    guard flags != -1, fcntl(number, F_SETFD, flags | FD_CLOEXEC) != -1 else { return nil }
    return OwnedDescriptor(adopting: number)
}
