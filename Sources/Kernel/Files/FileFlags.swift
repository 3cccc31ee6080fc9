import Glibc

/// Ways to open a file, for code that makes no system calls of its own.
package enum FileFlags {
    /// To be written at its end, whether or not it was there.
    package static let append = O_WRONLY | O_CREAT | O_APPEND
}
