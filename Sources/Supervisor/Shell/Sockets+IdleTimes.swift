import Settings
import Steering

/// Idle times that change while flows are steered.
extension Sockets {
    /// The listeners whose idle time can be as settings say from now on, by their numbers.
    ///
    /// A table has one idle time. So all that share one must have come to want the same, and it must be
    /// one that the table's units of time can tell.
    func idleTimes(asIn wanted: [ListenerSettings]) -> Set<ListenAddress> {
        var wishes: [SteeringTable: Set<Duration>] = [:]
        for listener in listeners {
            guard let table = listener.steering.table, !listener.slots.isEmpty,
                !follows(listener)
            else { continue }
            wishes[table, default: []].insert(wish(of: listener, wanted))
        }
        return Set(
            listeners.compactMap { listener in
                let wish = wish(of: listener, wanted)
                let isAlone = listener.steering.table.map { wishes[$0]?.count ?? 1 == 1 } ?? true
                let can = isAlone && listener.steering.canHonour(idleTimeout: wish)
                return can ? listener.settings.address : nil
            })
    }

    /// Has the listeners go by the idle times of the settings.
    func followIdleTimes() {
        var changed: [SteeringTable: Duration] = [:]
        for (listener, named) in zip(listeners, settings.listeners)
        where listener.settings.idleTimeout != named.idleTimeout {
            listener.honour(idleTimeout: named.idleTimeout)
            if let table = listener.steering.table { changed[table] = named.idleTimeout }
        }
        for listener in listeners where follows(listener) {
            guard let time = listener.steering.table.flatMap({ changed[$0] }) else { continue }
            listener.honour(idleTimeout: time)
            keep(idleTimeout: time, of: listener.number)
        }
    }

    /// Whether a listener that a worker has bound has the idle time of those that it shares a table with.
    private func follows(_ listener: Listener) -> Bool {
        listener.settings.isAdopted && settings.adoptIdleTimeout == nil
    }

    /// One that settings do not name goes on as it is.
    private func wish(of listener: Listener, _ wanted: [ListenerSettings]) -> Duration {
        wanted.first { $0.address == listener.settings.address }?.idleTimeout
            ?? listener.settings.idleTimeout
    }
}
