package import Kernel

/// A process that is no child of this one, reached by its pidfd: a worker, the keeper itself.
package final class KeptProcess: DescriptorHolder, Sendable {
    package let pid: Int32
    package let handle: ProcessHandle

    /// The process that has this number now.
    init(opening pid: Int32) throws(KernelError) {
        self.pid = pid
        handle = try ProcessHandle(opening: pid)
    }

    init(_ pid: Int32, _ descriptor: consuming OwnedDescriptor) {
        self.pid = pid
        handle = ProcessHandle(adopting: descriptor)
    }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try handle.withRaw(body)
    }
}
