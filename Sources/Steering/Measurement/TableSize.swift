import SteeringABI

extension Steering {
    /// Has its table of flows be of a size, for measurements of tables that are alike. It is after some sweeps;
    /// the next sweep takes back the size that suits its flows.
    ///
    /// - Returns: whether it is of that size already.
    package func takeSize(_ bytes: Int) -> Bool {
        guard let table = machine.sharedTable else { return true }
        if isSettled, tableBytesInUse == bytes { return true }
        if isSettled {
            let buckets = bytes / MemoryLayout<relevo_bucket>.size
            table.move(toBits: buckets.trailingZeroBitCount)
        }
        sweep()
        return isSettled && tableBytesInUse == bytes
    }
}
