package import SystemPackage

/// A system call that the kernel refused: what was tried, on what, and why.
package struct KernelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The man-page name of the call, such as "bind".
    package let call: String
    package let errno: Errno
    /// What the call was made on, an address or a path, empty where the call alone says it.
    package let subject: String

    package init(_ call: String, _ errno: Errno, on subject: String = "") {
        self.call = call
        self.errno = errno
        self.subject = subject
    }

    /// As another process has told it.
    package init(_ call: String, number: Int32, on subject: String = "") {
        self.init(call, Errno(rawValue: number), on: subject)
    }

    package var description: String {
        let remedy =
            switch errno {
            case .tooManyOpenFiles: " (raise LimitNOFILE= or ulimit -Hn)"
            case .fileTooLarge: " (raise LimitFSIZE= or ulimit -Hf)"
            default: ""
            }
        return (subject.isEmpty ? "\(call): \(errno)" : "\(call) \(subject): \(errno)") + remedy
    }
}

/// What a refusal means, for code that knows no errno.
extension KernelError {
    /// A privilege is missing.
    package var isPermissionDenied: Bool {
        errno == .permissionDenied || errno == .notPermitted
    }

    /// Nothing may be written there, by anybody.
    package var isReadOnly: Bool { errno == .readOnlyFileSystem }

    /// There is no such file or folder.
    package var isNothingThere: Bool {
        errno == .noSuchFileOrDirectory || errno == .notDirectory
    }

    /// Nobody listens, whether or not a socket's file is left.
    package var isNobodyListening: Bool { isNothingThere || errno == .connectionRefused }

    /// Somebody else has what was asked for, for now.
    package var isTaken: Bool { errno == .wouldBlock }

    /// Another socket has the address.
    package var isAddressInUse: Bool { errno == .addressInUse }

    /// No interface has the address.
    package var isAddressUnavailable: Bool { errno == .addressNotAvailable }

    /// The process, thread, descriptor or mapping asked about is no more.
    package var saysGone: Bool {
        [.noSuchFileOrDirectory, .noSuchProcess, .ioError].contains(errno)
    }

    /// The other end has gone.
    package var isPeerGone: Bool { errno == .connectionReset || errno == .brokenPipe }

    /// The other end's host said that nobody takes the datagram or the connection.
    package var isRefusal: Bool {
        [.connectionRefused, .noRouteToHost, .hostIsDown, .networkUnreachable].contains(errno)
    }

    /// The message is longer than the socket takes.
    package var isTooLong: Bool { errno == .messageTooLong }

    /// A file would become larger than this process may make one (RLIMIT_FSIZE).
    package var isFileTooLarge: Bool { errno == .fileTooLarge }

    /// The kernel is short of memory for datagrams at the moment.
    package var isShortage: Bool { [.noBufferSpace, .noMemory].contains(errno) }

    /// A message with descriptors may go through a little later: memory is short, or too many of
    /// this user's are under way (unix(7), ETOOMANYREFS).
    package var isPassing: Bool { isShortage || errno == .tooManyReferences }
}
