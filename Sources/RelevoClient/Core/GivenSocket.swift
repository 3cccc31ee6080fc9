/// A listener's socket that this worker was given.
struct GivenSocket {
    let number: Int32
    let name: [UInt8]
    let place: ServiceAddress
    /// The listener's number in the channel; nil without one.
    let listener: UInt64?
    /// The slot's number in the listener's reuseport group; nil without a channel.
    let slot: UInt64?
    /// What ids are made with that lead here; nil where the steering heeds none.
    var seal: Seal?
    /// A socket that the program has is the program's to close.
    var isTaken = false

    init(
        number: Int32, name: [UInt8], place: ServiceAddress, listener: UInt64? = nil,
        slot: UInt64? = nil
    ) {
        self.number = number
        self.name = name
        self.place = place
        self.listener = listener
        self.slot = slot
    }

    /// Reads `0 3 udp://[::]:4433 front door`: listener, slot, address, name.
    init?(line: [UInt8], number: Int32) {
        let space = UInt8(ascii: " ")
        let first = line.position(of: space, from: 0)
        let second = line.position(of: space, from: first + 1)
        let third = line.position(of: space, from: second + 1)
        guard third < line.count, let listener = line.piece(0, first).number,
            let slot = line.piece(first + 1, second).number,
            let place = ServiceAddress(line.piece(second + 1, third))
        else { return nil }
        self.init(
            number: number, name: line.piece(third + 1, line.count), place: place,
            listener: listener, slot: slot)
    }
}
