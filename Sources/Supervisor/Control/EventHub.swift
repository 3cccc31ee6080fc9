import ControlProtocol
import Kernel

/// Those who follow what happens.
final class EventHub {
    private var followers: [ObjectIdentifier: ControlConnection] = [:]

    func add(_ follower: ControlConnection) { followers[ObjectIdentifier(follower)] = follower }

    func remove(_ follower: ControlConnection) {
        followers[ObjectIdentifier(follower)] = nil
    }

    /// Tells all; one that does not listen is let go by its connection.
    func send(_ event: ServiceEvent) {
        for follower in followers.values { follower.reply(.event(event), continues: true) }
    }

    /// The last event of all.
    func end(_ event: ServiceEvent) {
        for follower in followers.values { follower.reply(.event(event)) }
        followers = [:]
    }
}
