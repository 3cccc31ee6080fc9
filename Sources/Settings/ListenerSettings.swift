/// One address that the supervisor binds, and how its datagrams are spread.
package struct ListenerSettings: Equatable, Sendable {
    package var address: ListenAddress
    /// The name in LISTEN_FDNAMES and `{fd:NAME}`; nil where the user gave none.
    package var name: String?
    /// Follows the transport where nothing was said: flow for udp, stateless for tcp.
    package var steering: SteeringChoice
    /// A flow unseen that long has ended.
    package var idleTimeout = Duration.seconds(60)
    /// How many live flows fit without loss.
    package var maxFlows = 1_048_576
    /// Bytes asked for each socket.
    package var receiveBuffer = 8 * 1024 * 1024
    /// Connections waiting to be accepted; tcp only.
    package var backlog = 4096

    /// A listener with the defaults of its transport.
    package init(address: ListenAddress) {
        self.address = address
        steering = address.transport.defaultSteering
    }
}
