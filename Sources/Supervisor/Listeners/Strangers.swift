import Adoption
import Kernel
import ServiceCore
import Settings
import Steering

/// Finds sockets of others at the listeners' addresses.
struct Strangers {
    /// Who has those that were found before; finding that out walks all of /proc.
    private var holders: [UInt64: String?] = [:]

    /// Notes in what was seen which sockets without a peer are at exactly a listener's address and are none
    /// of its slots'.
    mutating func look(_ listeners: [Listener], _ seen: inout Observation) {
        var numbers: [Place: [Int]] = [:]
        // Those at one interface have a group of their own.
        for listener in listeners where listener.interface == nil {
            numbers[Place(listener.address, listener.settings.isStream), default: []]
                .append(listener.number)
        }
        let own = Set(listeners.flatMap { $0.slots.values.map(\.inode) })
            .union(listeners.compactMap { $0.copier?.slot.inode ?? $0.keptCopier?.inode })
        var found: [Int: [UInt64]] = [:]
        guard var diagnostics = try? SocketDiagnostics() else { return }
        for question in Self.questions(numbers.keys) {
            try? diagnostics.all(question) { socket in
                guard !socket.hasPeer, !socket.hasInterface, socket.inode != 0,
                    !own.contains(socket.inode),
                    let at = numbers[Place(socket.local, question.isStream)]
                else { return }
                for number in at { found[number, default: []].append(socket.inode) }
            }
        }
        let there = Set(found.values.joined())
        holders = holders.filter { there.contains($0.key) }
        for inode in there where holders[inode] == nil {
            holders[inode] = SocketHolders.name(of: inode)
        }
        for (number, inodes) in found where seen.listeners.indices.contains(number) {
            seen.listeners[number].strangers = inodes.sorted().map {
                Observation.Stranger(inode: $0, holder: holders[$0] ?? nil)
            }
        }
    }

    /// An address without the scope, which the kernel's table does not tell.
    private struct Place: Hashable {
        let isStream: Bool
        let isIPv6: Bool
        let bits: UInt128
        let port: UInt16

        init(_ address: SocketAddress, _ isStream: Bool) {
            self.isStream = isStream
            isIPv6 = address.isIPv6
            port = address.port
            switch address {
            case .ipv4(let number, _): bits = UInt128(number)
            case .ipv6(let number, _, _): bits = number
            }
        }
    }

    /// The sockets without a peer at exactly an address that hear every interface.
    static func sockets(at address: SocketAddress, isStream: Bool) -> Set<UInt64> {
        var found: Set<UInt64> = []
        guard var diagnostics = try? SocketDiagnostics() else { return [] }
        let place = Place(address, isStream)
        for question in questions([place]) {
            try? diagnostics.all(question) { socket in
                guard !socket.hasPeer, !socket.hasInterface, socket.inode != 0,
                    Place(socket.local, isStream) == place
                else { return }
                found.insert(socket.inode)
            }
        }
        return found
    }

    /// Whether a socket without a peer is bound to exactly this address at that interface, 0 for every one; nil
    /// where that cannot be told.
    static func isTaken(_ address: SocketAddress, isStream: Bool, at interface: Int32) -> Bool? {
        guard var diagnostics = try? SocketDiagnostics() else { return nil }
        let place = Place(address, isStream)
        var isTaken = false
        for question in questions([place]) {
            let all: Void? = try? diagnostics.all(question) { socket in
                guard !socket.hasPeer, Place(socket.local, isStream) == place else { return }
                if socket.interface == interface { isTaken = true }
            }
            if all == nil { return nil }
        }
        return isTaken
    }

    private static func questions(_ places: some Sequence<Place>) -> [SocketDiagnostics.Question] {
        Dictionary(grouping: places) { [$0.isStream, $0.isIPv6] }.values.flatMap { alike in
            SocketDiagnostics.Question.questions(
                of: Set(alike.map(\.port)), isIPv6: alike[0].isIPv6, isStream: alike[0].isStream,
                states: alike[0].isStream ? [.listening] : [.closed])
        }
    }
}

extension Listener {
    /// Refuses a socket that is bound and placed where one of somebody else has joined the group before it, and
    /// sockets are known by their order alone: the kernel would find that one in the slot.
    func refuseStrangers(besides slot: Slot) throws {
        guard steering.keepsBindOrder, !settings.isStream, interface == nil,
            let target = address.ofThisMachine
        else {
            return
        }
        // The probe is a datagram in its own right: it is sent only where it may tell something.
        let there = Strangers.sockets(at: address, isStream: false)
        let strangers = there.subtracting(slots.values.map(\.inode)).subtracting([slot.inode])
        guard !strangers.isEmpty else { return }
        let socket = DatagramSocket(adopting: try slot.duplicate())
        if try steering.finds(slot.number, socket, at: target) { return }
        slot.leaveGroup()
        try steering.lostMember(slot.number)
        let holders = strangers.sorted().compactMap { SocketHolders.name(of: $0) }
        throw ListenerError(
            """
            \(settings.address): a socket that is not the service's has joined its group \
            (\(holders.isEmpty ? "of a process that cannot be seen" : holders.joined(separator: "; "))), and \
            without CAP_BPF it would get new flows: close it, or add CAP_BPF
            """)
    }
}

extension SocketAddress {
    /// Where a datagram of this machine reaches a socket that is bound here; nil where it is sent to a group
    /// of hosts.
    fileprivate var ofThisMachine: SocketAddress? {
        switch self {
        case .ipv4(0, let port): .loopback(port: port)
        case .ipv6(0, let port, _): .loopback6(port: port)
        case .ipv4, .ipv6: hearsGroups ? nil : self
        }
    }
}
