/// A listener's socket that this worker was given.
struct GivenSocket {
    let number: Int32
    let name: [UInt8]
    let place: ServiceAddress
    /// The listener's number in the channel; nil without one.
    let listener: UInt64?
    /// The slot's number in the listener's reuseport group; nil without a channel.
    let slot: UInt64?
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
    init?(line: ArraySlice<UInt8>, number: Int32) {
        let space = UInt8(ascii: " ")
        guard let (listener, afterListener) = line.cut(at: space),
            let (slot, afterSlot) = afterListener.cut(at: space),
            let (address, name) = afterSlot.cut(at: space),
            let listenerNumber = listener.number, let slotNumber = slot.number,
            let place = ServiceAddress(address)
        else { return nil }
        self.init(
            number: number, name: Array(name), place: place, listener: listenerNumber,
            slot: slotNumber)
    }
}
