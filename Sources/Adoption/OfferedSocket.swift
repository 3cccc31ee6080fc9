/// A socket that a worker finds open when it starts.
package struct OfferedSocket: Equatable, Sendable {
    /// The listener's name, for `LISTEN_FDNAMES` and `{fd:NAME}`.
    package let name: String
    /// The listener's `host:port`, IPv6 hosts in brackets, for `SERVER_STARTER_PORT`.
    package let address: String
    /// Its number in the worker, from 3.
    package let number: Int32

    package init(name: String, address: String, number: Int32) {
        self.name = name
        self.address = address
        self.number = number
    }
}
