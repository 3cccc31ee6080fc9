/// A place for a process in a generation; a restarted worker has the id of the one before it.
package struct WorkerID: Hashable, Codable, Sendable, CustomStringConvertible {
    package let generation: GenerationID
    /// From 0; also the index of its slot in the generation's bank.
    package let index: Int

    package init(_ generation: GenerationID, _ index: Int) {
        self.generation = generation
        self.index = index
    }

    package var description: String { "\(generation).\(index)" }
}
