/// What a worker is told of one of its sockets.
package struct WelcomeSocket: Equatable, Sendable {
    /// The listener's number.
    package let listener: Int
    /// Its place in the listener's reuseport group.
    package let slot: Int
    /// The listener's, as it is bound.
    package let address: String
    /// The listener's.
    package let name: String
    /// What ids are made with that lead to it; nil where the steering heeds none.
    package var seal: IDSeal?

    package init(listener: Int, slot: Int, address: String, name: String) {
        self.listener = listener
        self.slot = slot
        self.address = address
        self.name = name
    }

    /// The value of `SOCKET=`.
    var text: String { "\(listener) \(slot) \(address) \(name)" }

    /// Reads the value of `SOCKET=`.
    init(_ text: String) throws(ChannelFault) {
        let parts = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let listener = Int(parts[0]), let slot = Int(parts[1]),
            listener >= 0, slot >= 0, !parts[2].isEmpty
        else { throw ChannelFault(.key, "SOCKET= is not listener, slot, address and name") }
        self.init(
            listener: listener, slot: slot, address: String(parts[2]), name: String(parts[3]))
    }
}
