import Foundation
import Kernel
import Steering

/// What a supervisor leaves of its steering: duplicates of the descriptors, and the memo as text.
final class Legacy {
    /// One descriptor, so that it can be kept in a dictionary.
    final class Kept {
        let descriptor: OwnedDescriptor

        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    var kept: [SteeringPart: Kept] = [:]
    var memo: SteeringMemo

    init(of steering: Steering) throws {
        let text = try JSONEncoder().encode(steering.memo)
        memo = try JSONDecoder().decode(SteeringMemo.self, from: text)
        try steering.withDescriptors { (part, descriptor) throws(KernelError) in
            kept[part] = Kept(try descriptor.duplicate())
        }
    }

    func resumed(tables: SteeringTables = SteeringTables()) throws(SteeringError) -> Steering {
        try Steering(resuming: memo, tables: tables) { part in
            guard let one = kept[part] else { return nil }
            return try? one.descriptor.duplicate()
        }
    }
}
