/// A generation without workers that keeps its bank until another one has it.
package struct Lending: Hashable, Codable, Sendable {
    /// What it will have been.
    enum End: Hashable, Codable, Sendable {
        case stopped
        case failed(reason: String)
    }

    let end: End
    /// The generation that is to have it.
    let heir: GenerationID
}
