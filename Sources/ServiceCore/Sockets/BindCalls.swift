import HandoverCore
import Settings

/// A call of bind(2) on its way to an answer.
struct PendingBind: Sendable {
    let worker: WorkerID
    let call: BindCall
    /// The listener that it is for, once that is known.
    var listener: Int?
    /// The listener that is being made for it, and what is known of its address.
    var making: (number: Int, basis: AdoptionBasis)?
    /// The slot of another listener that its worker has for every address, and that is what it binds now.
    var exchanged: SlotID?
    /// The slot that is for every address from here on.
    var exchangedFor: SlotID?
}

/// What a bind is for.
enum BindTarget: Equatable, Sendable {
    /// No listener's: the kernel answers.
    case foreign
    case listener(Int)
    /// A listener that nobody has been served by, to be bound where the program binds.
    case move(Int, to: SocketPlace)
    /// A new listener, with the settings of that one.
    case adopt(like: Int?, AdoptionBasis)
}

/// The owner of the calls of bind(2) that wait for an answer, and the rules about what a bind is for.
package struct BindCalls: Sendable {
    private var pending: [CallID: PendingBind] = [:]

    subscript(id: CallID) -> PendingBind? { pending[id] }

    mutating func begin(_ id: CallID, _ call: PendingBind) { pending[id] = call }

    mutating func isFor(_ listener: Int, _ id: CallID) { pending[id]?.listener = listener }

    mutating func make(_ listener: Int, _ basis: AdoptionBasis, _ id: CallID) {
        pending[id]?.making = (listener, basis)
    }

    mutating func exchanges(_ slot: SlotID, _ id: CallID) { pending[id]?.exchanged = slot }

    mutating func exchanges(by slot: SlotID, _ id: CallID) { pending[id]?.exchangedFor = slot }

    /// Whether a listener of this number is being made.
    func isMaking(_ listener: Int) -> Bool {
        pending.values.contains { $0.making?.number == listener && $0.listener == nil }
    }

    @discardableResult
    mutating func end(_ id: CallID) -> PendingBind? { pending.removeValue(forKey: id) }

    /// What an address is for that a worker binds.
    ///
    /// - Parameters:
    ///   - listeners: as they are bound.
    ///   - mayMove: whether nobody has had anything of that listener yet.
    ///   - isStarting: whether the worker is not ready yet.
    ///   - isServed: whether somebody serves at that listener.
    ///   - isDoubted: whether no generation has served there yet.
    static func target(
        _ place: SocketPlace, _ listeners: [ListenerShape], _ settings: ServiceSettings,
        isStarting: Bool, isServed: (Int) -> Bool, isDoubted: (Int) -> Bool,
        mayMove: (Int) -> Bool
    ) -> BindTarget {
        let exact = listeners.indices.first { listeners[$0].place.isSame(as: place) }
        if let exact, isStarting || !isDoubted(exact) { return .listener(exact) }
        var meets = false
        for (index, listener) in listeners.enumerated() where !listener.isAdopted {
            guard let meeting = listener.place.meeting(place) else { continue }
            meets = true
            if meeting.isSame(as: listener.place) { return .listener(index) }
            guard mayMove(index) else { continue }
            return .move(index, to: meeting)
        }
        let port = place.address.port
        let sibling = listeners.indices.filter { listeners[$0].place.address.port == port }
        let like =
            sibling.first { listeners[$0].place.isStream == place.isStream } ?? sibling.first
        let transport = place.isStream ? Transport.tcp : Transport.udp
        let isNamed = settings.adopt.contains { $0.names(transport, port: port) }
        guard isStarting else {
            // At run time a server binds what has come to its machine since: an address of its own port
            // that no listener has. What a listener has already it binds to serve one peer apart.
            meets =
                meets
                || sibling.contains { isServed($0) && listeners[$0].place.meeting(place) != nil }
            let isKnown = sibling.contains(where: isServed) || isNamed
            return isKnown && !meets ? .adopt(like: like, .late) : .foreign
        }
        let own = sibling.filter { !listeners[$0].isAdopted }
        // A server that took its first client before it counted as ready may have bound its session's
        // port for the other transport; it shows in time.
        let isSession =
            AdoptedAddresses.isDoubtful(port)
            && own.allSatisfy { listeners[$0].place.isStream != place.isStream }
        if isNamed || !own.isEmpty {
            return .adopt(like: like, isNamed || !isSession ? .certain : .doubtful)
        }
        guard settings.adopt.contains(where: { $0.covers(transport, port: port) }) else {
            return .foreign
        }
        let isDoubtful = settings.adopt.contains(.auto) && AdoptedAddresses.isDoubtful(port)
        return .adopt(like: like, isDoubtful ? .doubtful : .certain)
    }
}
