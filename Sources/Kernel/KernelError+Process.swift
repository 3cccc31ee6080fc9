import SystemPackage

extension KernelError {
    /// Whether the process, thread, descriptor or mapping asked about is no more.
    package var saysGone: Bool {
        [.noSuchFileOrDirectory, .noSuchProcess, .ioError].contains(errno)
    }

    /// Whether a privilege is what is missing.
    package var saysForbidden: Bool { [.permissionDenied, .notPermitted].contains(errno) }
}
