import HandoverCore
import Steering

/// What a kept descriptor is, written as its name in the keeper and in the fd store.
enum VaultName: Hashable, CustomStringConvertible {
    enum WorkerPart: String, CaseIterable {
        case out
        case err
        case notify
        /// Where its calls of bind(2) are answered through.
        case calls
        case channel
        /// The pidfd, for the case that the keeper is gone as well.
        case process
    }

    /// The record.
    case state
    /// The call of bind(2) that is being answered.
    case callInHand
    case steering(listener: Int, part: SteeringPart)
    /// The socket of a slot.
    case slot(listener: Int, number: Int)
    case worker(WorkerID, WorkerPart)
    /// What a worker has stored for its successors.
    case stored(Int)

    var description: String {
        switch self {
        case .state: "state"
        case .callInHand: "call"
        case .steering(let listener, let part): "listener.\(listener).\(part.rawValue)"
        case .slot(let listener, let number): "slot.\(listener).\(number)"
        case .worker(let id, let part): "worker.\(id).\(part.rawValue)"
        case .stored(let number): "stored.\(number)"
        }
    }

    /// Reads a name; nil for one that this version does not know.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.dropFirst().map { Self.number($0) }
        switch (parts.first, parts.count) {
        case ("state", 1): self = .state
        case ("call", 1): self = .callInHand
        case ("listener", 3):
            guard let listener = numbers[0], let part = SteeringPart(rawValue: parts[2]) else {
                return nil
            }
            self = .steering(listener: listener, part: part)
        case ("slot", 3):
            guard let listener = numbers[0], let number = numbers[1] else { return nil }
            self = .slot(listener: listener, number: number)
        case ("stored", 2):
            guard let number = numbers[0] else { return nil }
            self = .stored(number)
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
