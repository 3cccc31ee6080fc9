import Kernel
import ServiceCore
import Settings
import Steering

/// A local address that the supervisor owns: its sockets, and the steering between them.
final class Listener {
    private(set) var settings: ListenerSettings
    /// Where its sockets are bound: of the settings' address what the server binds.
    var address: SocketAddress
    /// The interface that its sockets hear alone: the settings', or what the server has bound.
    var interface: String?
    /// How workers know it, in LISTEN_FDNAMES and `{fd:NAME}`.
    let name: String
    var steering: Steering
    /// Which steering it is and why, for people.
    var steeringReason: String
    /// Its place among the listeners, by which its descriptors are kept.
    let number: Int
    let vault: Vault
    /// The flow tables that it shares with the service's other listeners.
    let tables: SteeringTables
    private let nonBlocking: Bool
    var slots: [Int: Slot] = [:]
    /// Free slots whose sockets stay: the classic machine knows sockets by their order alone.
    var idle: [Slot] = []
    /// Slots below this number have sockets that a socket unit has bound: they stay as long as the
    /// unit does, closed or not.
    var givenSlots = 0
    /// How many sockets a worker of the next generation is to have.
    var socketsPerWorker: Int
    /// Whether others may bind its address beside it, and are to be heard (SO_REUSEADDR).
    private(set) var sharesAddress = false
    /// Whether its address need not be this machine's (IP_FREEBIND, IP_TRANSPARENT).
    var bindsFreely: (free: Bool, transparent: Bool)
    /// Whether the service has other sockets at its port that its own have to be bound beside: those of a
    /// listener there, or those left where it has moved from.
    var hasNeighbours = false
    /// Datagrams that came before there was a bank, where no worker reads.
    var cameTooEarly = 0
    /// Whether one came to a socket that no worker has while a running server was joined.
    var hasStray = false
    /// When it was looked for slots that their workers have connected.
    var lookedForConnected = Duration.zero
    /// Whether an IPv6 socket leaves IPv4 alone; nil as the system does by default.
    var v6Only: Bool?
    var dropsOfClosedSockets = 0
    /// Those of which nobody knows whether they were losses.
    var possibleDropsOfClosedSockets = 0
    /// Keeps what is sent to groups of hosts from sockets that are not to hear it; nil where none can come or the
    /// program does not load.
    var groups: GroupFilter?
    var grantedReceiveBuffer: Int?
    /// Only where the settings have copies made, and a generation has begun.
    var copier: Copier?
    /// The socket of a predecessor's copier, until this one's begins.
    var keptCopier: Slot?
    private var hasToldOfBuffer = false

    private init(
        _ settings: ListenerSettings, number: Int, nonBlocking: Bool, socketsPerWorker: Int,
        vault: Vault, tables: SteeringTables, _ steering: Steering, _ reason: String
    ) throws(ListenerError) {
        self.settings = settings
        self.socketsPerWorker = socketsPerWorker
        bindsFreely = (settings.freeBind, settings.transparent)
        self.number = number
        self.nonBlocking = nonBlocking
        self.vault = vault
        self.tables = tables
        self.steering = steering
        steeringReason = reason
        name = settings.socketName
        address = try settings.socketAddress()
        interface = settings.address.interface
        v6Only = settings.v6Only ?? (settings.address.host == .any ? false : nil)
    }

    /// Refuses an address that another program has; binds nothing yet.
    ///
    /// - Parameter hasLeftovers: whether what is bound there may be what the service itself has left.
    convenience init(
        _ settings: ListenerSettings, number: Int, nonBlocking: Bool, socketsPerWorker: Int,
        vault: Vault, tables: SteeringTables, hasLeftovers: Bool = false,
        given: [GivenSocket] = [],
        running: RunningServer.Served? = nil
    ) throws(ListenerError) {
        let (steering, reason): (Steering, String)
        do {
            (steering, reason) = try settings.makeSteering(tables)
        } catch {
            throw ListenerError(settings.address, error)
        }
        try self.init(
            settings, number: number, nonBlocking: nonBlocking,
            socketsPerWorker: socketsPerWorker, vault: vault, tables: tables, steering, reason)
        prepareForGroups()
        if let running {
            try join(running)
        } else if !given.isEmpty {
            try adopt(given)
        } else if !hasLeftovers, isTaken {
            throw ListenerError(taken: settings.address)
        }
    }

    /// Takes over what a predecessor has bound and steered; nothing changes for the traffic.
    ///
    /// - Parameters:
    ///   - lost: datagrams lost at sockets that are closed.
    ///   - sockets: the inodes of the slots that are in use.
    ///   - unread: those of them that no worker has now.
    convenience init(
        resuming part: PortRecord.Listener, lost: Int, _ settings: ListenerSettings, number: Int,
        nonBlocking: Bool, sockets: [Int: UInt64], unread: Set<Int>,
        from kept: KeptDescriptors, vault: Vault, tables: SteeringTables
    ) throws(ListenerError) {
        let steering: Steering
        do {
            steering = try Steering(resuming: part.steering, tables: tables) { part in
                kept.take(.steering(listener: number, part: part.rawValue))
            }
        } catch {
            throw ListenerError(settings.address, error)
        }
        try self.init(
            settings, number: number, nonBlocking: nonBlocking,
            socketsPerWorker: part.socketsPerWorker, vault: vault,
            tables: tables, steering, steering.kindDescription)
        address = part.address
        if let interface = part.interface { self.interface = interface }
        let isNew = prepareForGroups { kept.take(.steering(listener: number, part: $0.rawValue)) }
        takeUpCopier(kept)
        try readopt(kept, expecting: sockets, unread: unread, part.groups ?? [:])
        if isNew, let chosen = steering.chosenSlots { flipGroups(to: chosen) }
        sharesAddress = part.sharesAddress
        bindsFreely = (part.bindsFreely, part.bindsTransparently)
        dropsOfClosedSockets = lost
        possibleDropsOfClosedSockets = part.possibleDrops ?? 0
        givenSlots = part.givenSlots
        v6Only = part.v6Only
        hasNeighbours = part.address != (try settings.socketAddress())
    }

    /// Has flows end after another time from now on.
    func honour(idleTimeout: Duration) {
        steering.honour(idleTimeout: idleTimeout, in: tables)
        settings.idleTimeout = idleTimeout
    }

    /// Has every slot, and those to come, share the address with sockets bound beside it, as a server
    /// does that opens one for each session.
    func letOthersBindBeside() {
        guard !sharesAddress else { return }
        sharesAddress = true
        for slot in slots.values { slot.letOthersBindBeside() }
    }

    /// The flip at this listener.
    ///
    /// - Returns: how long it took.
    func flip(
        to slots: [Int], canary: SteeringCanary? = nil
    ) throws(SteeringError) -> Duration {
        let began = MonotonicClock.now()
        let members = slots.filter { self.slots[$0]?.isKnownOutside == false }
        // The program has a number for a slot that is in no group; the classic machine has none.
        if members.isEmpty, steering.keepsBindOrder { return .zero }
        let theirs = canary?.slots.filter { self.slots[$0]?.isKnownOutside == false } ?? []
        try steering.steerNewFlows(
            to: members.isEmpty ? slots : members,
            canary: theirs.isEmpty ? nil : canary.map { $0.only(theirs) })
        return MonotonicClock.now() - began
    }

    /// Datagrams dropped by the kernel at this address since the start.
    var drops: Int {
        slots.values.reduce(dropsOfClosedSockets + (copier?.slot.drops() ?? 0) + lostByCopier) {
            $0 + $1.drops()
        }
    }

    /// What an administrator should know, said once.
    func takeWarnings() -> [String] {
        defer { (cameTooEarly, hasStray) = (0, false) }
        let early =
            """
            \(settings.address): \(cameTooEarly) datagrams came before the service ran, to sockets \
            that no worker has: start it with the system, not with the first datagram
            """
        let stray =
            "\(settings.address): a datagram came while the sockets were taken over, and waits for "
            + "the next generation: upgrade soon"
        return [
            takeBufferWarning(), cameTooEarly > 0 ? early : nil, hasStray ? stray : nil,
        ].compactMap { $0 }
    }

    /// That the kernel gave less room than was asked for.
    private func takeBufferWarning() -> String? {
        let wanted = settings.receiveBuffer
        guard !hasToldOfBuffer, let granted = grantedReceiveBuffer, granted < wanted else {
            return nil
        }
        hasToldOfBuffer = true
        return "\(settings.address): a receive buffer of \(granted) bytes instead of \(wanted): "
            + "raise net.core.rmem_max, or add CAP_NET_ADMIN"
            + (givenSlots > 0 ? ", or ReceiveBuffer= in the socket unit" : "")
    }

    func makeSlot(_ number: Int) throws(ListenerError) -> Slot {
        do {
            let slot = try bindSlot(number)
            try steering.place(try slot.duplicate(), at: number)
            try refuseStrangers(besides: slot)
            slots[number] = slot
            keep(slot)
            return slot
        } catch let error as ListenerError {
            throw error
        } catch let error as KernelError {
            if givenSlots > 0 { throw tooFew(error) }
            throw ListenerError(bind: settings.address, error)
        } catch let error as SteeringError {
            throw ListenerError(settings.address, error)
        } catch {
            throw ListenerError("\(settings.address): \(error)")
        }
    }

    /// - Parameter joining: it makes a group of sockets that are served: nothing is to come to it.
    func bindSlot(_ number: Int, joining: Bool = false) throws -> Slot {
        switch settings.address.transport {
        case .udp:
            setConnectedAside()
            let socket = try DatagramSocket(for: address, options: datagramOptions())
            // What is sent to groups comes from the bind on.
            let hearing = hearing(of: socket, at: number)
            do {
                try attach(to: socket) { try socket.bind(to: address) }
                if joining { try socket.attachSteering(instructions: Self.toTheFirst) }
                grantedReceiveBuffer = try socket.receiveBuffer()
                let slot = try Slot(number, socket)
                slot.hearing = hearing
                return slot
            } catch {
                hearing.end()
                throw error
            }
        case .tcp:
            let socket = try StreamListener(for: address, options: streamOptions())
            try attach(to: socket) { try socket.bind(to: address) }
            try socket.listen(backlog: Int32(clamping: settings.backlog))
            if joining { try socket.attachSteering(instructions: Self.toTheFirst) }
            return try Slot(number, socket)
        }
    }

    /// A socket as the slots' ones are born, to compare them with.
    func unboundSocket() throws(KernelError) -> OwnedDescriptor {
        switch settings.address.transport {
        case .udp: try DatagramSocket(for: address, options: datagramOptions()).intoDescriptor()
        case .tcp: try StreamListener(for: address, options: streamOptions()).intoDescriptor()
        }
    }

    private func datagramOptions() throws(KernelError) -> DatagramSocketOptions {
        DatagramSocketOptions(
            reuseAddress: sharesAddress, receiveBuffer: settings.receiveBuffer, v6Only: v6Only,
            nonBlocking: nonBlocking, freeBind: bindsFreely.free,
            transparent: bindsFreely.transparent, interface: try interfaceNumber())
    }

    private func streamOptions() throws(KernelError) -> StreamListenerOptions {
        StreamListenerOptions(
            v6Only: v6Only, nonBlocking: nonBlocking, freeBind: bindsFreely.free,
            transparent: bindsFreely.transparent, interface: try interfaceNumber())
    }

    /// "return 0": the member that was there first.
    private static let toTheFirst = [ClassicInstruction(code: 0x06, operand: 0)]

    /// Attaches the steering to the group's first socket around its bind, as a rule before it.
    ///
    /// One with a program may not be bound beside sockets of another group; alone in its group it does well
    /// without for a moment.
    private func attach(
        to socket: borrowing some DescriptorHolder & ~Copyable, _ bind: () throws -> Void
    ) throws {
        let isFirst = slots.isEmpty
        if isFirst, !hasNeighbours { try steering.attach(to: socket) }
        do {
            try bind()
        } catch let error as KernelError {
            // Where the address has gone from its interface its sockets live on: one beside them is no worse,
            // and hears again what they hear when the address is back. One that is not known yet to be this
            // machine's alone is there in a moment: a server that starts with the system is not to fail for that.
            if error.isAddressUnavailable, !isFirst || TentativeAddresses.contains(address) {
                try setFreeBind(true, on: socket, isIPv6: address.isIPv6)
                try bind()
                try setFreeBind(bindsFreely.free, on: socket, isIPv6: address.isIPv6)
            } else {
                guard error.isAddressInUse, sharePortAgain() else { throw error }
                try bind()
            }
        }
        if isFirst, hasNeighbours { try steering.attach(to: socket) }
    }
}
