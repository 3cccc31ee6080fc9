/// How a worker was seen to wait on a socket.
package enum WaitKind: Equatable, Sendable {
    /// Blocked in a call that reads or accepts from it.
    case read
    /// In the set of a blocked poll(2).
    case poll
    /// In the read set of a blocked select(2).
    case select
    /// In an epoll set, or in one nested in it, that a thread waits on.
    case epoll
    /// In an epoll set look after look, though no thread was caught waiting on the set: a server
    /// whose threads are all busy.
    case epollMember
}
