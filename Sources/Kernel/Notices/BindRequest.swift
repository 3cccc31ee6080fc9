/// What bind(2) is called with.
package struct BindRequest: Equatable, Sendable {
    /// As the caller numbers it.
    package let descriptor: Int32
    package let address: SocketAddress

    package init(descriptor: Int32, address: SocketAddress) {
        self.descriptor = descriptor
        self.address = address
    }
}
