/// What a worker that the supervisor did not start says of itself.
struct JoinWishes {
    /// Workers with the same group are one generation; nil is one of its own.
    var group: [UInt8]?
    /// How many make the generation whole.
    var workers: UInt64?
    /// What the status shows as its command.
    var command: [UInt8]?
}
