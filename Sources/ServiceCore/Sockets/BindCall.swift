/// A worker's call of bind(2), as it was found.
package struct BindCall: Equatable, Sendable {
    package let place: SocketPlace
    package let facts: BindFacts
    /// The inode of the socket that is to be bound.
    package let inode: UInt64

    package init(place: SocketPlace, facts: BindFacts, inode: UInt64) {
        self.place = place
        self.facts = facts
        self.inode = inode
    }
}

/// What the socket of a bind was set to before.
package struct BindFacts: Hashable, Codable, Sendable {
    /// SO_REUSEADDR.
    package var reusesAddress = false
    /// SO_REUSEPORT.
    package var sharesPort = false
    /// SO_BINDTODEVICE or the like.
    package var hasInterface = false
    /// IP_FREEBIND.
    package var bindsFreely = false
    /// IP_TRANSPARENT.
    package var bindsTransparently = false

    package init() {}
}

/// A listener that is to be made of what a worker binds.
package struct AdoptedListener: Equatable, Sendable {
    package let number: Int
    package let place: SocketPlace
    package let facts: BindFacts
    /// The number of the listener whose settings it shares; nil for the service's own for adopted ones.
    package let like: Int?
}

/// What the rules must know of a listener's sockets and steering.
package struct ListenerShape: Hashable, Codable, Sendable {
    /// As the user wrote it, or as it was bound.
    package var address: String
    /// Where its sockets are bound.
    package var place: SocketPlace
    package var isAdopted = false
    /// How many slots its group can have.
    package var capacity = 512
    /// Whether sockets are known by their order alone (classic BPF), so that a free slot keeps its socket.
    package var keepsBindOrder = false
    package var remembersFlows = true
    /// Slots below this number have sockets that a socket unit has bound, which stay.
    package var given = 0
    /// How many sockets a worker of the next generation is to have here.
    package var socketsPerWorker = 1
    /// What a refusal for want of sockets should advise; nil for the usual.
    package var shortageAdvice: String?

    /// Whether the settings name every address, and the server has bound one of them here.
    package var isNarrowed: Bool?

    /// What an upgrade has made of it; nil for one that the settings name from the beginning on, and for one
    /// that was adopted.
    package var standing: ListenerStanding?

    /// Whether it is the server that decides if there is such a listener.
    package var followsServer: Bool { isServersChoice || isWithdrawn }

    /// Whether the server has chosen the address by itself.
    package var isServersChoice: Bool { isAdopted || isNarrowed == true }

    /// Whether the settings have named it and do no more.
    package var isWithdrawn: Bool { standing == .withdrawn }

    /// Whether the settings name it.
    package var isNamed: Bool { !isAdopted && !isWithdrawn }

    package init(address: String, place: SocketPlace) {
        self.address = address
        self.place = place
    }

    /// Whether a slot's socket stays when nobody uses it: it cannot be bound again alike.
    func keeps(_ slot: SlotID) -> Bool { keepsBindOrder || slot.number < given }

    /// A worker has so many sockets there, and so is the next one to have.
    mutating func isToHave(_ sockets: Int) { socketsPerWorker = max(socketsPerWorker, sockets) }

    /// What is said when there is no slot for another worker.
    var shortage: PortFault {
        PortFault(
            "\(address): all \(capacity) slots are in use; "
                + (shortageAdvice ?? "fewer workers, or wait for a draining generation to end"))
    }
}
