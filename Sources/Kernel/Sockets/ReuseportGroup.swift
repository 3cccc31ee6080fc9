import CKernel
import Glibc

extension ReuseportMember where Self: ~Copyable {
    /// Makes a loaded eBPF program choose the socket in this reuseport group, at once and for all
    /// that arrives from here on.
    package borrowing func attachSteering(
        program: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        try program.withRaw { (program) throws(KernelError) in
            try set("setsockopt SO_ATTACH_REUSEPORT_EBPF", SO_ATTACH_REUSEPORT_EBPF, to: program)
        }
    }

    /// Makes classic BPF choose the socket in this reuseport group by its index in bind order.
    package borrowing func attachSteering(
        instructions: [ClassicInstruction]
    ) throws(KernelError) {
        try attach(
            instructions, by: SO_ATTACH_REUSEPORT_CBPF,
            call: "setsockopt SO_ATTACH_REUSEPORT_CBPF")
    }

    /// Leaves the choice in this reuseport group to the kernel's plain hash again (Linux 5.3).
    package borrowing func detachSteering() throws(KernelError) {
        try set("setsockopt SO_DETACH_REUSEPORT_BPF", SO_DETACH_REUSEPORT_BPF, to: 0)
    }

    private borrowing func set(
        _ call: StaticString, _ name: Int32, to value: Int32
    ) throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            try setOption(call, of: number, name, to: value)
        }
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// Lets others of the same user that ask for it as well take its address (SO_REUSEPORT): bound alone, it
    /// is the first of a group from the next bind on.
    package borrowing func sharePort() throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            try setOption("setsockopt SO_REUSEPORT", of: number, SO_REUSEPORT, to: Int32(1))
        }
    }

    /// Has new sockets at its address join no group of its own: they look for the newest one that shares the
    /// port. For one that has left its group, in which they would be out of the program's reach.
    package borrowing func keepPort() throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            try setOption("setsockopt SO_REUSEPORT", of: number, SO_REUSEPORT, to: Int32(0))
        }
    }

    /// Whether it does. While a member of a group does not, what finds it first goes to it, past the
    /// program.
    package borrowing func sharesPort() throws(KernelError) -> Bool {
        try withRaw { (number) throws(KernelError) in
            try option("getsockopt SO_REUSEPORT", of: number, SO_REUSEPORT, initial: Int32(0)) != 0
        }
    }
}

/// One instruction of classic BPF, laid out as the kernel's `sock_filter`.
package struct ClassicInstruction: Hashable, Sendable {
    package var code: UInt16
    package var whenTrue: UInt8
    package var whenFalse: UInt8
    package var operand: UInt32

    package init(
        code: UInt16, whenTrue: UInt8 = 0, whenFalse: UInt8 = 0, operand: UInt32 = 0
    ) {
        self.code = code
        self.whenTrue = whenTrue
        self.whenFalse = whenFalse
        self.operand = operand
    }
}

/// A socket that can be a member of a reuseport group.
package protocol ReuseportMember: DescriptorHolder, ~Copyable {}

extension DatagramSocket: ReuseportMember {}
extension StreamListener: ReuseportMember {}

extension DescriptorHolder where Self: ~Copyable {
    /// A second descriptor of the same open description, born CLOEXEC.
    package borrowing func duplicateDescriptor() throws(KernelError) -> OwnedDescriptor {
        try withRaw { (number) throws(KernelError) in
            OwnedDescriptor(
                adopting: try check("fcntl F_DUPFD_CLOEXEC") { fcntl(number, F_DUPFD_CLOEXEC, 3) })
        }
    }
}

/// A socket of a reuseport group, of whatever kind, by which the group can be reached.
package struct GroupMember: ~Copyable, Sendable, ReuseportMember {
    private let descriptor: OwnedDescriptor

    /// A descriptor of our own: the socket stays in its group while we have it.
    package init(sharing socket: borrowing some DescriptorHolder & ~Copyable) throws(KernelError) {
        descriptor = try socket.duplicateDescriptor()
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}

extension ReuseportMember where Self: ~Copyable {
    /// Takes the socket out of reach of whatever arrives, for good; its queue stays to be read.
    ///
    /// A socket that is closed leaves its reuseport group a moment before the table of sockets, and
    /// what arrives in between is put into its queue, steering or not, and lost (one close in twenty
    /// under a full load, Linux 6.18). One that is bound to an interface that does not exist matches
    /// nothing any more, so this comes before every close of a group's member.
    ///
    /// - Throws: EPERM where it is bound to an interface already and CAP_NET_RAW is missing.
    package borrowing func leaveGroup() throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            // Interfaces are numbered from 1; nobody gets as far as this.
            try setOption(
                "setsockopt SO_BINDTOIFINDEX", of: number, Int32(RELEVO_SO_BINDTOIFINDEX),
                to: Int32.max)
        }
    }
}
