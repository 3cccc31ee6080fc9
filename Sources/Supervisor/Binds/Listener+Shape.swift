import Adoption
import Kernel
import ServiceCore
import Settings
import Steering

extension Listener {
    /// Where its sockets are.
    var place: Adoption.SocketPlace {
        Adoption.SocketPlace(
            address, v6Only: v6Only ?? false, isStream: settings.isStream,
            interface: interface)
    }

    /// Whether it was adopted and no generation has a socket of it now.
    var isDormant: Bool { settings.isAdopted && slots.isEmpty }

    /// Binds it elsewhere, as long as nobody has been served.
    ///
    /// All its slots are gone after this.
    func move(to place: Adoption.SocketPlace) throws(ListenerError) {
        endCopies()
        for slot in slots.values {
            slot.leaveGroup()
            slot.hearing.end()
            vault.forget(.slot(SlotID(listener: number, number: slot.number)))
        }
        slots = [:]
        idle = []
        hasNeighbours = true
        steering.end()
        do throws(SteeringError) {
            (steering, steeringReason) = try settings.makeSteering(tables)
        } catch {
            throw ListenerError(settings.address, error)
        }
        address = place.address
        interface = place.interface
        v6Only = place.address.isIPv6 ? place.v6Only : nil
        prepareForGroups()
        keep()
    }
}

extension ListenerSettings {
    /// A listener for what a worker binds: like one that has its port, or as the service says.
    ///
    /// - Returns: nil where the address cannot be written down.
    init?(
        adopting place: Adoption.SocketPlace, like sibling: ListenerSettings?,
        _ service: ServiceSettings
    ) {
        let transport = place.isStream ? Transport.tcp : Transport.udp
        let text = "\(transport.rawValue)://\(place.address)"
        guard let bare = try? ListenAddress.parse(text) else { return nil }
        let address = ListenAddress(
            transport, bare.host, port: bare.port, interface: place.interface)
        self.init(address: address)
        if let sibling, sibling.address.transport == transport {
            steering = sibling.steering
            idleTimeout = sibling.idleTimeout
            balance = sibling.balance
            unknownIDs = sibling.unknownIDs
            sharesResetKey = sibling.sharesResetKey
            sessionOrder = sibling.sessionOrder
            sessionRules = sibling.sessionRules
            sessionPrefix = sibling.sessionPrefix
            idLength = sibling.idLength
            serverIDLength = sibling.serverIDLength
            maxFlows = sibling.maxFlows
            receiveBuffer = sibling.receiveBuffer
            backlog = sibling.backlog
        } else if transport == .udp {
            steering = service.adoptSteering ?? steering
            idleTimeout = service.adoptIdleTimeout ?? steering.idleTimeout
            maxFlows = service.adoptMaxFlows ?? maxFlows
        }
        if place.address.isIPv6 { v6Only = place.v6Only }
        isAdopted = true
    }
}
