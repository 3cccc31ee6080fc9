import Kernel
import Settings
import Systemd

/// The sockets that systemd has handed over, by the address that they share.
struct GivenSockets {
    private var groups: [(address: ListenAddress, sockets: [GivenSocket])] = []
    /// What could not be taken, and why.
    private(set) var faults: [ListenerError] = []

    /// None.
    init() {}

    init(_ inherited: [InheritedDescriptor]) {
        for descriptor in inherited {
            do throws(ListenerError) {
                add(try GivenSocket.checked(descriptor))
            } catch {
                faults.append(error)
            }
        }
    }

    private mutating func add(_ socket: GivenSocket) {
        if let place = groups.firstIndex(where: { $0.address.means(socket.address) }) {
            groups[place].sockets.append(socket)
        } else {
            groups.append((socket.address, [socket]))
        }
    }

    /// The sockets of one address, in the order in which they were bound.
    func sockets(at address: ListenAddress) -> [GivenSocket] {
        groups.first { $0.address.means(address) }?.sockets ?? []
    }

    /// What an administrator should change though it works.
    var warnings: [String] {
        groups.filter { group in group.sockets.contains { !$0.isNonBlocking } }.map { group in
            """
            \(group.address): the sockets come blocking, and would be made so again under the \
            workers whenever the supervisor is started again; unless the server wants that, add \
            NonBlocking=yes to the [Service] of the unit
            """
        }
    }
}

extension ListenAddress {
    /// Whether both are one address; an interface may be written by name and by number.
    fileprivate func means(_ other: ListenAddress) -> Bool {
        if self == other { return true }
        return transport == other.transport && host != .any && interface == other.interface
            && SocketAddress(socketAddress) == SocketAddress(other.socketAddress)
    }
}
