import SystemPackage

extension KernelError {
    /// Whether the other end's host said that nobody takes the datagram or the connection.
    package var isRefusal: Bool {
        [.connectionRefused, .noRouteToHost, .hostIsDown, .networkUnreachable].contains(errno)
    }

    /// Whether the kernel is short of memory for datagrams at the moment.
    package var isShortage: Bool { [.noBufferSpace, .noMemory].contains(errno) }
}
