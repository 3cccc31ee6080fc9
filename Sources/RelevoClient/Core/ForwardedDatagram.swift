/// A datagram that another worker received and passed on.
public struct ForwardedDatagram: Sendable {
    /// Who sent it, where that was said.
    public let source: InternetAddress?
    /// The address of the listener that it was sent to, where that was said.
    public let destination: InternetAddress?
    /// When it was received, in nanoseconds of CLOCK_REALTIME; 0 where that was not said.
    public let received: UInt64
}
