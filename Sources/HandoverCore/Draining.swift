/// A generation that keeps its flows until they end.
package struct Draining: Hashable, Codable, Sendable {
    var errand: Errand
    let began: Instant
    /// Nil is never.
    var deadline: Instant?
    var nextCount: Instant
    /// The newest count, nil until the first.
    var flows: FlowCount?
}
