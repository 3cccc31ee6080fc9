import SteeringABI

extension TableState {
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

    /// The open placements, with their seats.
    func openPlacements() throws(SteeringError) -> [Int: Seat] {
        var open: [Int: Seat] = [:]
        var taken: Set<Seat> = []
        for number in 1..<stays {
            guard let seat = seat(of: number) else { continue }
            guard 0..<Int(RELEVO_SLOTS) ~= seat.slot, taken.insert(seat).inserted else {
                throw SteeringError("the steering's state is damaged: placement \(number)")
            }
            open[number] = seat
        }
        return open
    }
}
