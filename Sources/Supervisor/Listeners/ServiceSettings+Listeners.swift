import Adoption
import Kernel
import Packs
import Settings
import Steering

extension ServiceSettings {
    /// The listeners, numbered and checked against what others have bound.
    ///
    /// - Parameter given: sockets that are bound already.
    func makeListeners(
        vault: Vault, given: GivenSockets = GivenSockets(), running: RunningServer? = nil
    ) throws(ListenerError) -> [Listener] {
        let tables = SteeringTables()
        var made: [Listener] = []
        for listener in listeners {
            made.append(
                try Listener(
                    listener, number: made.count, nonBlocking: nonBlocking,
                    socketsPerWorker: listener.socketsPerWorker ?? socketsPerWorker, vault: vault,
                    tables: tables, given: given.sockets(at: listener.address),
                    running: running?.served(at: listener)))
        }
        for listener in made { listener.meet(made) }
        return made
    }
}

extension Listener {
    /// Finds out whether others of the service are at its port, or have left sockets there.
    func meet(_ others: [Listener]) {
        for other in others
        where other !== self && other.settings.isStream == settings.isStream
            && other.address.port == address.port
        {
            hasNeighbours = hasNeighbours || other.hasNeighbours || other.overlaps(self)
        }
    }

    /// Whether the kernel would refuse one of two programs that have these addresses.
    private func overlaps(_ other: Listener) -> Bool {
        if place.address.isWildcard || other.place.address.isWildcard { return true }
        return place.address.unmapped == other.place.address.unmapped
    }
}

extension ListenerSettings {
    /// The steering that is asked for, or the best to be had where `auto` is.
    func makeSteering(_ tables: SteeringTables) throws(SteeringError) -> (Steering, String) {
        switch (steering, address.transport) {
        case (.flow, _): return try made(.flow, tables)
        case (.quic, _): return try made(.quic, tables)
        case (.pack, _), (.custom, _): return try made(.pack, tables)
        case (.address(let known), _):
            return try made(.flow, tables, remark: "as flow, for \(known.name) \(known.reason)")
        case (.stateless, _), (.auto, .tcp): return try made(.stateless, tables)
        case (.auto, .udp):
            do throws(SteeringError) {
                return try made(.flow, tables)
            } catch {
                let (steering, reason) = try made(.stateless, tables)
                return (steering, "\(reason); sessions are not kept: \(error)")
            }
        }
    }

    /// That copies can be made, which is tried.
    private static func checkCopies() throws(SteeringError) {
        do throws(KernelError) {
            _ = try CopySender()
        } catch {
            guard error.isPermissionDenied else { throw SteeringError(error) }
            throw SteeringError(
                "UnknownIds=copy needs CAP_NET_RAW: add it, or set UnknownIds=guess",
                isPermission: true)
        }
    }

    private func made(
        _ mode: SteeringMode, _ tables: SteeringTables, remark: String? = nil
    ) throws(SteeringError) -> (Steering, String) {
        let transport: SteeringTransport =
            switch address.transport {
            case .udp: .udp
            case .tcp: .tcp
            }
        let unknown: UnknownIDs =
            switch unknownIDs {
            case .guess: .guess
            case .copy: .copy
            case .current: .current
            }
        var setup = SteeringSetup(
            mode: mode, transport: transport, maxFlows: maxFlows, idleTimeout: idleTimeout,
            unknownIDs: mode.hasIDs ? unknown : nil, idLength: mode == .quic ? idLength : nil,
            pack: mode == .pack ? pack : nil)
        if mode == .quic { setup.serverIDLength = serverIDLength }
        if mode.remembersFlows, balance == .load { setup.balance = .load }
        setup.name = mode == .pack ? steering.rawValue : nil
        setup.remark = remark
        let made = try Steering(setup, tables: tables)
        if made.copies { try Self.checkCopies() }
        return (made, made.kindDescription)
    }
}
