import ControlProtocol
import Kernel

/// Those who follow what happens.
final class EventHub {
    private var followers: [ObjectIdentifier: ControlConnection] = [:]

    func add(_ follower: ControlConnection) { followers[ObjectIdentifier(follower)] = follower }

    func remove(_ follower: ControlConnection) {
        followers[ObjectIdentifier(follower)] = nil
    }

    /// Tells all; one that does not read misses some.
    func send(_ event: ServiceEvent) {
        for follower in followers.values { follower.tell(event) }
    }

    /// The last event of all.
    func end(_ event: ServiceEvent) {
        for follower in followers.values { follower.tell(event, isLast: true) }
        followers = [:]
    }
}
