package import Kernel

/// A process that is no child of this one, reached by its pidfd: a worker, the keeper itself.
package final class KeptProcess: DescriptorHolder, Sendable {
    package let pid: Int32
    package let handle: ProcessHandle

    /// The process that has this number now.
    package init(opening pid: Int32) throws(KernelError) {
        self.pid = pid
        handle = try ProcessHandle(opening: pid)
    }

    /// Takes over a pidfd.
    package init(_ pid: Int32, _ descriptor: consuming OwnedDescriptor) {
        self.pid = pid
        handle = ProcessHandle(adopting: descriptor)
    }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try handle.withRaw(body)
    }

    /// Ends what a process that has ended has started, where it became a child of this one: until it is
    /// reaped its group's number is nobody else's.
    package func endGroup() {
        if handle.isDeadChild() { Reaping.signalGroup(pid, SignalNumber.kill) }
    }

    /// How it ended; nil as long as it runs, or, being another's child, is not reaped by that. A child of
    /// this process is reaped by this.
    ///
    /// - Throws: where nobody can tell.
    package func exit() throws(KernelError) -> ProcessExit? { try handle.exit() }
}
