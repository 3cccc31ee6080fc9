package import Kernel

/// One descriptor that the service manager handed over at the start; closed unless it is taken.
package final class InheritedDescriptor {
    /// Our own name for it where we stored it, else what the unit calls it.
    package let name: String
    private var descriptor: OwnedDescriptor?

    init(_ name: String, _ descriptor: consuming OwnedDescriptor) {
        self.name = name
        self.descriptor = consume descriptor
    }

    /// Looks at it, before it is taken.
    package func facts() throws(KernelError) -> SocketFacts {
        guard let facts = try descriptor?.socketFacts() else {
            preconditionFailure("\(name) is taken already")
        }
        return facts
    }

    /// Gives it away; once.
    package func take() -> OwnedDescriptor {
        guard let taken = descriptor.take() else {
            preconditionFailure("\(name) is taken already")
        }
        return taken
    }

    /// Closes one that nobody has taken.
    package func close() { descriptor = nil }
}

extension OwnedDescriptor {
    fileprivate borrowing func socketFacts() throws(KernelError) -> SocketFacts {
        try SocketFacts(of: self)
    }
}
