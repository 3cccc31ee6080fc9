import HandoverCore
import Settings

/// A call of bind(2) on its way to an answer.
struct PendingBind: Equatable, Sendable {
    let worker: WorkerID
    let call: BindCall
    /// The listener that it is for, once that is known.
    var listener: Int?
}

/// What a bind is for.
enum BindTarget: Equatable, Sendable {
    /// No listener's: the kernel answers.
    case foreign
    case listener(Int)
    /// A listener that nobody has been served by, to be bound where the program binds.
    case move(Int, to: SocketPlace)
    /// A new listener, with the settings of that one.
    case adopt(like: Int?)
}

/// The owner of the calls of bind(2) that wait for an answer, and the rules about what a bind is for.
package struct BindCalls: Sendable {
    private var pending: [CallID: PendingBind] = [:]

    subscript(id: CallID) -> PendingBind? { pending[id] }

    mutating func begin(_ id: CallID, _ call: PendingBind) { pending[id] = call }

    mutating func isFor(_ listener: Int, _ id: CallID) { pending[id]?.listener = listener }

    @discardableResult
    mutating func end(_ id: CallID) -> PendingBind? { pending.removeValue(forKey: id) }

    /// What an address is for that a worker binds.
    ///
    /// - Parameters:
    ///   - listeners: as they are bound.
    ///   - mayMove: whether nobody has had anything of that listener yet.
    ///   - isStarting: whether the worker is not ready yet.
    static func target(
        _ place: SocketPlace, _ listeners: [ListenerShape], _ settings: ServiceSettings,
        isStarting: Bool, mayMove: (Int) -> Bool
    ) -> BindTarget {
        if let exact = listeners.firstIndex(where: { $0.place.isSame(as: place) }) {
            return .listener(exact)
        }
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
        let sharesPort = sibling.contains { !listeners[$0].isAdopted }
        let like =
            sibling.first { listeners[$0].place.isStream == place.isStream } ?? sibling.first
        if isStarting {
            let transport = place.isStream ? Transport.tcp : Transport.udp
            let isWanted = settings.adopt.contains { $0.covers(transport, port: port) }
            return isWanted || sharesPort ? .adopt(like: like) : .foreign
        }
        // At run time a server binds what has come to its machine since: an address of its own port
        // that no listener has. What a listener has already it binds to serve one peer apart.
        return sharesPort && !meets ? .adopt(like: like) : .foreign
    }
}
