/// What `bench steering` demands, and what it found.
struct SteeringBar {
    let name: String
    let limit: Double
    let found: Double
    /// Whether it must be exactly the limit, rather than that at most.
    var isExact = false

    var isMet: Bool { isExact ? found == limit : found <= limit }
}
