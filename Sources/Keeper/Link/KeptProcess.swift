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

    /// How it ended, once it has; where it became a child of this process, what it has started is
    /// ended and it is reaped. nil where nobody can tell.
    package func bury() -> ProcessExit? {
        if handle.isDeadChild() { Reaping.signalGroup(pid, SignalNumber.kill) }
        let deadline = MonotonicClock.now() + .milliseconds(200)
        // Another's child is reaped by that other one, and the kernel tells only after.
        repeat {
            do throws(KernelError) {
                if let exit = try handle.exit() { return exit }
                _ = try handle.wait(for: [], within: .milliseconds(5))
            } catch {
                return nil
            }
        } while MonotonicClock.now() < deadline
        return nil
    }
}
