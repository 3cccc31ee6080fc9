/// A bank that a generation waits for.
enum BankRequest: Hashable, Codable, Sendable {
    case asked
    /// It failed and is asked for again then.
    case retry(at: Instant)
}
