package import HandoverCore

/// What a kept descriptor is, written as its name in the keeper and in the fd store.
package enum KeptName: Hashable, Sendable, CustomStringConvertible {
    package enum WorkerPart: String, CaseIterable, Sendable {
        case out
        case err
        case notify
        /// Where its calls of bind(2) are answered through.
        case calls
        /// The ports that it has bound for itself.
        case ports
        case channel
        /// The pidfd, for the case that the keeper is gone as well.
        case process
    }

    /// The record.
    case state
    /// The call of bind(2) that is being answered.
    case callInHand
    /// A part of a listener's steering: a map or the program, by the name that steering gives it.
    case steering(listener: Int, part: String)
    /// The socket of a slot.
    case slot(SlotID)
    case worker(WorkerID, WorkerPart)
    /// What a worker has stored for its successors.
    case stored(Int)
    /// The executable that was found for a generation.
    case program(GenerationID)

    package var description: String {
        switch self {
        case .state: "state"
        case .callInHand: "call"
        case .steering(let listener, let part): "listener.\(listener).\(part)"
        case .slot(let slot): "slot.\(slot)"
        case .worker(let id, let part): "worker.\(id).\(part.rawValue)"
        case .stored(let number): "stored.\(number)"
        case .program(let number): "program.\(number)"
        }
    }

    /// Reads a name; nil for one that this version does not know.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.dropFirst().map { Self.number($0) }
        switch (parts.first, parts.count) {
        case ("state", 1): self = .state
        case ("call", 1): self = .callInHand
        case ("listener", 3):
            guard let listener = numbers[0], !parts[2].isEmpty else { return nil }
            self = .steering(listener: listener, part: parts[2])
        case ("slot", 3):
            guard let listener = numbers[0], let number = numbers[1] else { return nil }
            self = .slot(SlotID(listener: listener, number: number))
        case ("stored", 2):
            guard let number = numbers[0] else { return nil }
            self = .stored(number)
        case ("program", 2):
            guard let number = numbers[0] else { return nil }
            self = .program(GenerationID(number))
        case ("worker", 4):
            guard let generation = numbers[0], let index = numbers[1],
                let part = WorkerPart(rawValue: parts[3])
            else { return nil }
            self = .worker(WorkerID(GenerationID(generation), index), part)
        default: return nil
        }
    }

    /// Digits alone, as they are written here.
    private static func number(_ text: String) -> Int? {
        guard let number = Int(text), number >= 0, "\(number)" == text else { return nil }
        return number
    }
}
