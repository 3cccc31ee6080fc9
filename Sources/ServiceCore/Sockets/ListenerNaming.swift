import HandoverCore
import Settings

/// Whether the settings name a listener that was not there from the service's beginning on, or is not to stay.
package enum ListenerStanding: String, Codable, Sendable {
    /// An upgrade has brought it.
    case added
    /// The settings name it no more: generations that have it keep it until they end, the next one gets none.
    case withdrawn
}

/// The owner of changes to the named listeners until the next generation's bank is made.
///
/// What it knows is not written down. A successor reads the settings anew, and says what is not in effect.
struct ListenerNaming: Sendable {
    /// Those that are to be made, the one that is being made in front.
    private var toMake: [(number: Int, settings: ListenerSettings)] = []
    /// Those that the next generation is to have, with the sockets that each of its workers gets.
    private(set) var named: [Int: Int] = [:]
    /// Why one could not be made.
    private var fault: PortFault?
    /// The bank that waits until all are made.
    private var heldBank: (generation: GenerationID, workers: Int)?

    /// The settings were read again.
    mutating func begin() {
        named = [:]
        fault = nil
    }

    /// A listener that is there already is to be in the next generation's bank.
    mutating func name(_ number: Int, sockets: Int) { named[number] = sockets }

    /// Another one is to be made.
    ///
    /// - Returns: it, where it is the next one.
    mutating func make(_ number: Int, _ settings: ListenerSettings) -> Verb? {
        toMake.append((number, settings))
        return toMake.count == 1 ? .addListener(number, settings) : nil
    }

    /// Whether a number is one's that is being made.
    func isMaking(_ number: Int) -> Bool { toMake.contains { $0.number == number } }

    /// Whether one is being made for this address.
    func isMaking(_ address: String) -> Bool {
        toMake.contains { "\($0.settings.address)" == address }
    }

    /// The one in front is made, or cannot be.
    ///
    /// - Returns: the next one to make; nil where all are made.
    mutating func made(_ number: Int, _ fault: PortFault?) -> Verb? {
        guard toMake.first?.number == number else { return nil }
        toMake.removeFirst()
        self.fault = self.fault ?? fault
        return toMake.first.map { .addListener($0.number, $0.settings) }
    }

    /// Has a bank wait where some are still to be made.
    mutating func hold(_ generation: GenerationID, workers: Int) -> Bool {
        if toMake.isEmpty { return false }
        heldBank = (generation, workers)
        return true
    }

    /// The bank that may be made now.
    mutating func takeHeld() -> (generation: GenerationID, workers: Int)? {
        guard toMake.isEmpty else { return nil }
        defer { heldBank = nil }
        return heldBank
    }

    /// Why the next generation cannot have what the settings name; told once.
    mutating func takeFault() -> PortFault? {
        defer { fault = nil }
        return fault
    }

    /// The next generation has a bank: later ones get the same listeners.
    mutating func end() { named = [:] }
}
