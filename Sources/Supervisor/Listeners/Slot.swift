import Kernel
import ServiceCore
import Steering

/// One socket of a listener's reuseport group, at an index that stays while the group lives.
///
/// The supervisor's own descriptor of the socket is here, so that the queue outlives any worker.
final class Slot {
    private enum Socket: ~Copyable {
        case datagram(DatagramSocket)
        case stream(StreamListener)
    }

    let number: Int
    /// By which /proc names the socket among a worker's descriptors.
    private(set) var inode: UInt64
    /// Whether a worker may have done something to the socket.
    var wasLent: Bool
    /// Whether it was seen to have left its group.
    var isKnownOutside = false
    /// How what is sent to groups of hosts is kept from it.
    var hearing = GroupHearing.all
    private var socket: Socket

    init(_ number: Int, _ socket: consuming DatagramSocket) throws(KernelError) {
        self.number = number
        inode = try socket.inode()
        self.socket = .datagram(socket)
        wasLent = false
    }

    init(_ number: Int, _ socket: consuming StreamListener) throws(KernelError) {
        self.number = number
        inode = try socket.inode()
        self.socket = .stream(socket)
        wasLent = false
    }

    /// Takes over a socket that a predecessor bound.
    convenience init(
        _ number: Int, adopting descriptor: consuming OwnedDescriptor, isStream: Bool
    ) throws(KernelError) {
        if isStream {
            try self.init(number, StreamListener(adopting: descriptor))
        } else {
            try self.init(number, DatagramSocket(adopting: descriptor))
        }
        wasLent = true
    }

    /// Takes another's socket in the place of its own, which is closed.
    func become(_ other: Slot) throws(KernelError) {
        let descriptor = try other.duplicate()
        switch other.socket {
        case .datagram: socket = .datagram(DatagramSocket(adopting: descriptor))
        case .stream: socket = .stream(StreamListener(adopting: descriptor))
        }
        inode = other.inode
        isKnownOutside = false
        hearing.end()
        hearing = other.hearing
    }

    /// What the rules are told of its socket.
    ///
    /// - Parameter lost: datagrams that were lost with the sockets before it.
    func bound(lost: Int = 0) -> BoundSocket {
        BoundSocket(inode: inode, drops: drops(), lost: lost)
    }

    /// What three system calls tell of the socket.
    func glance() throws(KernelError) -> SocketGlance {
        switch socket {
        case .datagram(let socket): try socket.glance()
        case .stream(let socket): try socket.glance()
        }
    }

    /// Makes the socket like a fresh one, as far as that is possible.
    func repair(
        like fresh: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) -> SocketRepair {
        switch socket {
        case .datagram(let socket): try socket.repair(like: fresh)
        case .stream(let socket): try socket.repair(like: fresh)
        }
    }

    /// A descriptor of the same socket to give away.
    func duplicate() throws(KernelError) -> OwnedDescriptor {
        switch socket {
        case .datagram(let socket): try socket.duplicate().intoDescriptor()
        case .stream(let socket): try socket.duplicate().intoDescriptor()
        }
    }

    /// Whether nothing waits to be read or accepted.
    func isEmpty() throws(KernelError) -> Bool {
        switch socket {
        case .datagram(let socket):
            guard try socket.isReadable() else { return true }
            // One that was shut down reads as an end of file once nothing is left.
            guard try socket.glance().isShutDown else { return false }
            return try socket.memory().receiveAllocated == 0
        case .stream(let socket): return try !socket.isReadable()
        }
    }

    /// Datagrams the kernel dropped since the socket exists, its receive buffer being full.
    func drops() -> Int { hearing.drops { allDrops() }.lost }

    /// Datagrams the kernel dropped while a filter of ours was there that cannot count.
    func possibleDrops() -> Int { hearing.drops { allDrops() }.unclear }

    /// Those too that a filter of ours has dropped on purpose.
    func allDrops() -> Int {
        switch socket {
        case .datagram(let socket): (try? socket.memory()).map { Int($0.drops) } ?? 0
        case .stream: 0
        }
    }

    /// Asks for a bigger receive buffer where it is smaller.
    ///
    /// - Returns: its size then; nil where there is none to speak of.
    func growReceiveBuffer(to bytes: Int) -> Int? {
        switch socket {
        case .datagram(let socket):
            guard let size = try? socket.receiveBuffer(), size < bytes else { return bytes }
            return try? socket.growReceiveBuffer(to: bytes)
        case .stream: return nil
        }
    }

    /// Takes the program away from the group, whose ever it is.
    ///
    /// - Returns: whether there was one.
    func detachSteering() throws(KernelError) -> Bool {
        let member = try GroupMember(sharing: try duplicate())
        do throws(KernelError) {
            try member.detachSteering()
            return true
        } catch {
            if error.isNothingThere { return false }
            throw error
        }
    }

    /// Lets nothing more arrive; it comes before the last descriptor is closed.
    func leaveGroup() {
        switch socket {
        // One that its worker has bound to an interface is closed as it is.
        case .datagram(let socket): try? socket.leaveGroup()
        case .stream(let socket): try? socket.stopListening()
        }
    }

    /// Has the socket share its address with ones that are bound beside it (SO_REUSEADDR).
    func letOthersBindBeside() {
        switch socket {
        case .datagram(let socket): try? socket.setReuseAddress()
        case .stream: break
        }
    }

    /// Has a socket that was connected, and has left its group by that, go on beside the group: sockets that are
    /// bound from here on share the address with it and do not join it.
    func standAside() {
        letOthersBindBeside()
        switch socket {
        case .datagram(let socket): try? socket.keepPort()
        case .stream: break
        }
    }

    /// Lets others of our user bind beside it again, where somebody has ended that.
    ///
    /// - Returns: whether that was so.
    func sharePortAgain() throws(KernelError) -> Bool {
        switch socket {
        case .datagram(let socket):
            if try socket.sharesPort() { return false }
            try socket.sharePort()
        case .stream(let socket):
            if try socket.sharesPort() { return false }
            try socket.sharePort()
        }
        return true
    }

    /// Has the steering's program choose in its group, whatever has chosen there before.
    func reattach(_ steering: Steering) throws(SteeringError) -> GroupMembership {
        switch socket {
        case .datagram(let socket): try steering.reattach(to: socket)
        case .stream(let socket): try steering.reattach(to: socket)
        }
    }

    /// Reads away what a dead worker left, which nobody will answer, to count it.
    func discardQueue() -> Int {
        switch socket {
        case .datagram(let socket):
            var count = 0
            while (try? socket.receive()) ?? nil != nil { count += 1 }
            return count
        case .stream: return 0
        }
    }
}
