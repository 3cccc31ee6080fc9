import Kernel
import Steering

/// What a supervisor leaves of its steering.
final class SteeringLegacy {
    private final class Kept {
        let descriptor: OwnedDescriptor

        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    private let memo: SteeringMemo
    private var kept: [SteeringPart: Kept] = [:]

    init(of steering: Steering) throws(KernelError) {
        memo = steering.memo
        try steering.withDescriptors { (part, descriptor) throws(KernelError) in
            kept[part] = Kept(try descriptor.duplicate())
        }
    }

    /// The same steering as the next supervisor has it.
    func resumed() throws(SteeringError) -> Steering {
        try Steering(resuming: memo) { try? kept[$0]?.descriptor.duplicate() }
    }
}
