/// Why a message has no effect, as its sender is told.
package struct ChannelFault: Error, Equatable, Sendable, CustomStringConvertible {
    package let code: ChannelErrorCode
    package let reason: String
    /// That of the message, where it could be read.
    package var id: UInt64?

    package init(_ code: ChannelErrorCode, _ reason: String, id: UInt64? = nil) {
        self.code = code
        self.reason = reason
        self.id = id
    }

    package var description: String { reason }
}
