/// A link to a worker of another generation, and who is at its other end.
struct LinkOffer {
    /// Whoever takes the event owns it.
    let descriptor: Int32
    /// Whether this worker asked for it; else the other one did.
    let isAsked: Bool
    let generation: UInt64
    let worker: UInt64
    /// What the one that asked gave it.
    let label: [UInt8]
}
