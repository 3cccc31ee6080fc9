import SystemPackage

extension KernelError {
    /// The message is longer than the socket takes.
    package var isTooLong: Bool { errno == .messageTooLong }

    /// A file would become larger than this process may make one (RLIMIT_FSIZE).
    package var isFileTooLarge: Bool { errno == .fileTooLarge }
}
