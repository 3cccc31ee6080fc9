import Kernel

extension ProgramMachine {
    /// Sees that the descriptors fit each other and the memo, and goes on with them.
    convenience init(
        resuming memo: SteeringMemo, function: String, _ take: (SteeringPart) -> OwnedDescriptor?
    ) throws(SteeringError) {
        guard 1...512 ~= memo.setup.slotCapacity else {
            throw SteeringError("steering of \(memo.setup.slotCapacity) slots is none of ours")
        }
        let variants = ProgramVariant.candidates(for: memo.setup)
        guard let variant = variants.first(where: { $0.name == function }) else {
            throw SteeringError("this version knows no steering program \"\(function)\"")
        }
        try self.init(
            resuming: try LoadedProgram.resumed(memo.setup, take), variant: variant, memo: memo)
    }
}
