import Adoption
import Kernel

/// A socket that a worker is about to bind, as it is found.
struct WantedSocket {
    let process: Int32
    let request: BindRequest
    let place: SocketPlace
    let facts: SocketFacts
    let inode: UInt64
    /// A duplicate, to read its options from.
    let socket: SharedDescriptor

    /// Looks at the caller of a call.
    ///
    /// - Returns: nil where what it binds is no socket of UDP or TCP.
    /// - Throws: why the caller cannot be looked at.
    init?(_ notice: CallNotice, _ request: BindRequest) throws(KernelError) {
        process = try notice.process()
        self.request = request
        let link: String
        do throws(KernelError) {
            link = try ProcessView.link("fd/\(request.descriptor)", of: process)
        } catch {
            // No such descriptor: the kernel tells the program.
            if error.saysGone { return nil }
            throw error
        }
        guard let inode = SocketLink.inode(link) else { return nil }
        self.inode = inode
        let handle = try ProcessHandle(opening: process)
        socket = SharedDescriptor(try handle.descriptor(at: request.descriptor))
        facts = try SocketFacts(of: socket)
        guard facts.kind != .other else { return nil }
        place = SocketPlace(
            request.address, v6Only: facts.isIPv6Only, isStream: facts.kind == .tcp,
            interface: NetworkInterface.name(facts.interface))
        // Its interface has gone meanwhile: the kernel deals with that.
        if facts.hasInterface, place.interface == nil { return nil }
        // An IPv4 address on an IPv6 socket and the like is an error that the kernel reports.
        guard let own = facts.address, own.isIPv6 == request.address.isIPv6 else { return nil }
    }

    /// Whether it is in the supervisor's network namespace.
    ///
    /// In another one the address means something else, and a worker may set options there that it may not
    /// set here: the supervisor's socket must not get them.
    ///
    /// - Parameter ours: the number of the supervisor's, where the kernel tells it.
    func isInOurNetwork(_ ours: UInt64?) throws(KernelError) -> Bool {
        if let ours { return try socket.networkCookie() == ours }
        // As a rule a socket is where its process is.
        return try ProcessView.link("ns/net", of: process)
            == ProcessView.link("ns/net", of: ProcessView.own)
    }

    /// The numbers at which the process has it: copies made before the bind are it as well.
    func numbers() -> [Int32] {
        let found = (try? SocketHolders.numbers(of: inode, in: process)) ?? []
        return found.contains(request.descriptor) ? found : [request.descriptor]
    }

    /// Whether the program waits for it with epoll already, which the kernel forgets with the socket.
    ///
    /// - Parameter numbers: as `numbers()` tells them.
    func isInEpollSet(_ numbers: [Int32]) -> Bool {
        numbers.contains {
            (try? SocketHolders.isInEpollSet($0, of: process)) ?? false
        }
    }

    /// Whether a number is closed by exec.
    func closesOnExec(_ number: Int32) -> Bool {
        guard let text = try? ProcessView.text("fdinfo/\(number)", of: process) else { return true }
        let flags = String(decoding: text, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("flags:") }?
            .split(separator: "\t").last.flatMap { Int($0, radix: 8) }
        return (flags ?? 0) & 0o2000000 != 0
    }
}
