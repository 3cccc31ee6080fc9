/// A generation's state as `status` shows it.
package enum GenerationPhase: String, Hashable, Codable, Sendable {
    case starting, current, draining, retiring, stopped, failed
}
