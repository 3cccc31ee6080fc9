import CKernel
import Glibc

/// Ignores a signal (SIGPIPE, so that a reader that is gone is an error), or stops ignoring it.
///
/// Children start with every signal at its default all the same.
package func ignoreSignal(_ signal: Int32, _ ignored: Bool = true) throws(KernelError) {
    try check("sigaction") { relevo_ignore_signal(signal, ignored ? 1 : 0) }
}
