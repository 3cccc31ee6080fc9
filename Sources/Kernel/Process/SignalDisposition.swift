import CKernel
import Glibc

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
