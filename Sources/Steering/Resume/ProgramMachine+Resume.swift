import Kernel

extension ProgramMachine {
    /// Sees that the descriptors fit each other and the memo, and goes on with them.
    convenience init(
        resuming memo: SteeringMemo, function: String, _ tables: SteeringTables,
        _ take: (SteeringPart) -> OwnedDescriptor?
    ) throws(SteeringError) {
        guard 1...512 ~= memo.setup.slotCapacity else {
            throw SteeringError("steering of \(memo.setup.slotCapacity) slots is none of ours")
        }
        let variants = ProgramVariant.candidates(for: memo.setup)
        guard let variant = variants.first(where: { $0.name == function }) else {
            throw SteeringError("this version knows no steering program \"\(function)\"")
        }
        let loaded = try LoadedProgram.resumed(memo.setup, take)
        do {
            let id = try mapID(of: loaded.table)
            if let table = tables.table(withState: id) {
                try self.init(resuming: loaded, variant: variant, memo: memo, table: table)
                return
            }
            let table = try SharedTable(resuming: loaded, variant: variant, setup: memo.setup)
            try self.init(resuming: loaded, variant: variant, memo: memo, table: table)
            tables.add(table, id: id, for: memo.setup, variant)
        } catch let error as SteeringError {
            throw error
        } catch {
            throw SteeringError("the steering's table: \(error)")
        }
    }
}
