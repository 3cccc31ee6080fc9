import CKernel
import Glibc

/// Signals as something to read instead of something that interrupts.
///
/// Make it before any thread: the signals are blocked in the thread that makes it and in those it
/// starts, and stay blocked when the owner goes away.
package struct SignalDescriptor: ~Copyable, Sendable, DescriptorHolder {
    /// One signal that arrived; several of a kind may have become one.
    package struct Received: Hashable, Sendable {
        package let signal: Int32
        /// Who sent it, 0 for the kernel.
        package let pid: Int32
        package let uid: UInt32
        /// Whether the kernel sent it by itself, for a terminal that went away say.
        package let isKernels: Bool

        package init(signal: Int32, pid: Int32, uid: UInt32, isKernels: Bool) {
            self.signal = signal
            self.pid = pid
            self.uid = uid
            self.isKernels = isKernels
        }
    }

    /// SI_KERNEL, a macro that Swift does not see.
    private static let fromKernel: Int32 = 0x80

    private let descriptor: OwnedDescriptor

    package init(for signals: [Int32]) throws(KernelError) {
        descriptor = OwnedDescriptor(
            adopting: try check("signalfd") {
                unsafe relevo_signal_descriptor(signals, signals.count)
            })
    }

    /// The next signal; nil when none waits.
    package borrowing func next() throws(KernelError) -> Received? {
        let number = descriptor.number
        var info = signalfd_siginfo()
        let count = try checkUnlessBlocked("read signalfd") {
            unsafe Glibc.read(number, &info, MemoryLayout<signalfd_siginfo>.size)
        }
        guard count != nil else { return nil }
        return Received(
            signal: Int32(bitPattern: info.ssi_signo), pid: Int32(bitPattern: info.ssi_pid),
            uid: info.ssi_uid, isKernels: info.ssi_code == Self.fromKernel)
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}

/// Ignores a signal (SIGPIPE, so that a reader that is gone is an error), or stops ignoring it.
///
/// Children start with every signal at its default all the same.
package func ignoreSignal(_ signal: Int32, _ ignored: Bool = true) throws(KernelError) {
    try check("sigaction") { relevo_ignore_signal(signal, ignored ? 1 : 0) }
}

/// Keeps a signal back until somebody reads it (`SignalDescriptor`), across execve(2) too.
///
/// Children start with no signal kept back all the same.
package func holdSignal(_ signal: Int32) throws(KernelError) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, signal)
    try check("sigprocmask") { unsafe sigprocmask(SIG_BLOCK, &set, nil) }
}
