import SteeringABI

extension ProgramState {
    /// Sees that a predecessor made this state for a table of that shape.
    func check(_ shape: TableShape) throws(SteeringError) {
        let region = region
        let sizes = TableShape.denseBits...shape.bits
        guard fullBits == shape.bits, ticks.areSound,
            ([region.bits] + region.leaving).allSatisfy(sizes.contains)
        else {
            throw SteeringError("the steering's state is of another table, or damaged")
        }
    }

    /// The open placements, with their slots.
    func openPlacements(slots: Int) throws(SteeringError) -> [Int: Int] {
        var open: [Int: Int] = [:]
        var taken: Set<Int> = []
        for number in 1..<Int(RELEVO_PLACEMENTS) {
            guard let slot = slot(of: number) else { continue }
            guard slot < slots, taken.insert(slot).inserted else {
                throw SteeringError("the steering's state is damaged: placement \(number)")
            }
            open[number] = slot
        }
        return open
    }
}
