import Glibc
import Kernel
import Testing

/// What workers do to sockets that were lent to them.
enum Spoiled {
    /// Sets options that no fresh socket has.
    static func options(of socket: borrowing DatagramSocket) throws {
        let isIPv6 = try socket.localAddress().isIPv6
        socket.withRaw { number in
            var (off, on) = (Int32(0), Int32(1))
            let size = socklen_t(MemoryLayout<Int32>.size)
            #expect(unsafe setsockopt(number, SOL_SOCKET, SO_REUSEPORT, &off, size) == 0)
            #expect(unsafe setsockopt(number, SOL_SOCKET, SO_PRIORITY, &on, size) == 0)
            var limit = timeval(tv_sec: 1, tv_usec: 0)
            let length = socklen_t(MemoryLayout<timeval>.size)
            #expect(unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, length) == 0)
            let (level, name) =
                isIPv6
                ? (Int32(IPPROTO_IPV6), IPV6_RECVERR) : (Int32(IPPROTO_IP), IP_RECVERR)
            #expect(unsafe setsockopt(number, level, name, &on, size) == 0)
            #expect(fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK | O_ASYNC) == 0)
        }
    }

    /// As an exit handler does to wake threads; it says ENOTCONN and works.
    static func shutDown(_ socket: borrowing DatagramSocket) throws {
        socket.withRaw { number in _ = shutdown(number, Int32(SHUT_RDWR)) }
    }
}
