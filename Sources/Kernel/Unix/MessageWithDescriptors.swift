/// One message that arrived on a local socket, with the descriptors that came in it.
package struct MessageWithDescriptors: ~Copyable, Sendable {
    /// Empty at the end of a connection.
    package let bytes: [UInt8]
    /// CLOEXEC, each closed unless it is taken.
    package var descriptors: DescriptorList
    /// Who sent it, where the socket asks for that (SO_PASSCRED).
    package let credentials: PeerCredentials?
    /// Whether the message was longer than the room for it; the rest is lost.
    package let isCut: Bool
    /// Whether more descriptors were sent than wanted or than this process may have; those are
    /// closed.
    package let lostDescriptors: Bool
}
