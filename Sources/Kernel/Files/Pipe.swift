import CKernel
import Glibc

/// Both ends of a pipe, to be taken one by one; an end that nobody takes is closed.
package struct Pipe: ~Copyable {
    private var reader: OwnedDescriptor?
    private var writer: OwnedDescriptor?

    /// Only the reader may be made non-blocking: the writer goes to programs that know no better.
    package init(nonBlockingReader: Bool = false) throws(KernelError) {
        var ends: [Int32] = [-1, -1]
        try check("pipe2") { unsafe relevo_pipe(&ends) }
        reader = OwnedDescriptor(adopting: ends[0])
        writer = OwnedDescriptor(adopting: ends[1])
        if nonBlockingReader { try reader?.setNonBlocking(true) }
    }

    /// The end to read from; taken once.
    package mutating func takeReader() -> OwnedDescriptor {
        guard let end = reader.take() else { preconditionFailure("the reader is taken already") }
        return end
    }

    /// The end to write to; taken once.
    package mutating func takeWriter() -> OwnedDescriptor {
        guard let end = writer.take() else { preconditionFailure("the writer is taken already") }
        return end
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// How many bytes the pipe behind a descriptor can hold; nil where it is no pipe.
    package borrowing func pipeCapacity() -> Int? {
        // Not through `check`: of what is no pipe the kernel says EBADF, as of a bug of ours.
        let capacity = withRaw { fcntl($0, getPipeSize) }
        return capacity > 0 ? Int(capacity) : nil
    }
}

/// F_GETPIPE_SZ, which glibc shows to those only that ask for its extensions.
private let getPipeSize: Int32 = 1032
