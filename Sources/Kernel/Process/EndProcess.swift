import Glibc

/// Ends this process with an exit code; what is buffered in our own types must be written before.
package func endProcess(_ code: Int32) -> Never { exit(code) }
