/// Where new flows go.
package struct SteeringTarget: Hashable, Codable, Sendable {
    package let generation: GenerationID
    package let workers: [Int]
}
