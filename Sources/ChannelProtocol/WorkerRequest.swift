/// A worker's message with what matches the answer to it.
package struct WorkerRequest: Equatable, Sendable {
    /// The worker's own number for it; nil where it wants no answer.
    package var id: UInt64?
    package var message: WorkerMessage

    package init(_ message: WorkerMessage, id: UInt64? = nil) {
        self.id = id
        self.message = message
    }
}
