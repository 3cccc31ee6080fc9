import Foundation
import HandoverCore

/// The written state, and the machine read back from it.
struct CodedForm {
    /// Parts of machines that have been written and read already.
    private var parts: Set<Int> = []
    private(set) var written = 0

    static func write(_ machine: Machine) throws -> Data {
        try JSONEncoder().encode(machine)
    }

    static func read(_ data: Data) throws -> Machine {
        try JSONDecoder().decode(Machine.self, from: data)
    }

    /// Why a machine is not the same once written and read; nil if it is, and if every part of it has been
    /// seen to be.
    mutating func fault(of machine: Machine) -> String? {
        var isNew = parts.insert(machine.service.hashValue).inserted
        if parts.insert(machine.policy.hashValue).inserted { isNew = true }
        for generation in machine.generations where parts.insert(generation.hashValue).inserted {
            isNew = true
        }
        if parts.insert(machine.steering.hashValue).inserted { isNew = true }
        if parts.insert(machine.lastHandover.hashValue).inserted { isNew = true }
        guard isNew else { return nil }
        written += 1
        do {
            return try Self.read(Self.write(machine)) == machine ? nil : "not the same read back"
        } catch {
            return "cannot be written and read back: \(error)"
        }
    }
}
