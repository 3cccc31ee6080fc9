/// A supervisor's message, with the number of the request that it answers.
package struct SupervisorPacket: Equatable, Sendable {
    /// nil where it answers none, or one without a number.
    package var id: UInt64?
    package var message: SupervisorMessage

    package init(_ message: SupervisorMessage, id: UInt64? = nil) {
        self.id = id
        self.message = message
    }
}
