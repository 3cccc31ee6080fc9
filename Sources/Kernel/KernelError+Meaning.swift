import SystemPackage

/// What a refusal means to those who know no errno.
extension KernelError {
    /// A privilege is lacking.
    package var isPermissionDenied: Bool {
        errno == .permissionDenied || errno == .notPermitted
    }

    /// There is no such file or folder.
    package var isNothingThere: Bool {
        errno == .noSuchFileOrDirectory || errno == .notDirectory
    }

    /// Nobody listens, whether or not a socket's file is left.
    package var isNobodyListening: Bool { isNothingThere || errno == .connectionRefused }

    /// Somebody else has what was asked for, for now.
    package var isTaken: Bool { errno == .wouldBlock }

    /// The other end has gone.
    package var isPeerGone: Bool { errno == .connectionReset || errno == .brokenPipe }
}
