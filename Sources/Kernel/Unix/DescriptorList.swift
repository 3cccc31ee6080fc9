import CKernel
import Glibc

/// Descriptors that travel together, each closed unless it is taken.
package struct DescriptorList: ~Copyable, Sendable {
    private(set) var numbers: [Int32] = []
    /// Whether another process has sent them.
    private let areForeign: Bool

    package init() { areForeign = false }

    /// Takes over descriptors that have arrived.
    init(received numbers: [Int32]) {
        self.numbers = numbers
        areForeign = true
    }

    deinit {
        for number in numbers {
            if areForeign { relevo_close_foreign(number) } else { close(number) }
        }
    }

    /// How many are left.
    package var count: Int { numbers.count }

    /// The one that came first; nil when none is left.
    package mutating func takeFirst() -> OwnedDescriptor? {
        numbers.isEmpty ? nil : OwnedDescriptor(adopting: numbers.removeFirst())
    }

    /// Adds one at the end.
    package mutating func append(_ descriptor: consuming OwnedDescriptor) {
        numbers.append(descriptor.release())
    }

    /// Adds a duplicate of one at the end.
    package mutating func append(
        duplicateOf holder: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        let number = try holder.withRaw { (number) throws(KernelError) in
            try check("fcntl F_DUPFD_CLOEXEC") { fcntl(number, F_DUPFD_CLOEXEC, 3) }
        }
        numbers.append(number)
    }
}
