/// A listener of the service, by the socket of it that this worker was given.
public struct GivenListener: Equatable, Sendable {
    /// Its name, as in `LISTEN_FDNAMES`.
    public let name: String
    /// What it is bound to.
    public let address: InternetAddress
    /// Whether it is a TCP listener; else it is UDP.
    public let isStream: Bool
    /// The slot's number in the listener's reuseport group; nil without a supervisor.
    public let slot: UInt64?

    init(_ socket: GivenSocket) {
        name = String(decoding: socket.name, as: UTF8.self)
        address = socket.place.address
        isStream = socket.place.isStream
        slot = socket.slot
    }
}
