/// Where new flows go.
package struct SteeringTarget: Hashable, Codable, Sendable {
    package let generation: GenerationID
    package let workers: [Int]

    package init(generation: GenerationID, workers: [Int]) {
        self.generation = generation
        self.workers = workers
    }
}
