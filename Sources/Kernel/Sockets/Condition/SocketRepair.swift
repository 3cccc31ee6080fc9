import CKernel
import Glibc
import SystemPackage

/// What cannot be put right on a socket itself: another one has to take its place.
package enum LastingFault: Equatable, Sendable {
    /// shutdown(2) lasts as long as the socket.
    case shutDown
    /// It was bound to an interface, which takes it out of its group for good.
    case boundToInterface
    /// Its filter was locked (SO_LOCK_FILTER).
    case filterLocked
}

/// How it went to make a socket like a fresh one.
package struct SocketRepair: Equatable, Sendable {
    package var lastingFaults: [LastingFault] = []
    /// Options that stay as somebody has set them, with the reason.
    package var optionsLeft: [String] = []
}

extension DescriptorHolder where Self: ~Copyable {
    /// Takes the filter off that a predecessor has attached.
    package borrowing func detachFilter() throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            try setOption("setsockopt SO_DETACH_FILTER", of: number, SO_DETACH_FILTER, to: Int32(0))
        }
    }

    /// Makes a bound socket like one that has just been made, as far as that is possible: no filter, no
    /// membership of a multicast group, SO_REUSEPORT, the same options and file flags.
    ///
    /// Its queue, its address, its place in the group and its peer stay as they are.
    package borrowing func repair(
        like fresh: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) -> SocketRepair {
        var repair = SocketRepair()
        let glance = try glance()
        if glance.isShutDown { repair.lastingFaults.append(.shutDown) }
        if try isFilterLocked() {
            repair.lastingFaults.append(.filterLocked)
        } else if glance.hasFilter {
            try detachFilter()
        }
        if try boundInterface() != fresh.boundInterface() {
            repair.lastingFaults.append(.boundToInterface)
        }
        for membership in MulticastMembership.all() { try leave(membership) }
        // Somebody's pending error is not the next one's.
        _ = try takeSocketError(of: "socket")
        try withRaw { (number) throws(KernelError) in
            try setOption("setsockopt SO_REUSEPORT", of: number, SO_REUSEPORT, to: Int32(1))
            let flags = try check("fcntl F_GETFL") { fcntl(number, F_GETFL) }
            if flags & O_ASYNC != 0 {
                try check("fcntl F_SETFL") { fcntl(number, F_SETFL, flags & ~O_ASYNC) }
            }
        }
        repair.optionsLeft = carryOptions(from: fresh, to: self)
        return repair
    }
}
