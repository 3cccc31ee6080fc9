import HandoverCore

extension WorkerID {
    /// The name that its keeper knows its process by.
    var keptName: String { "worker.\(self)" }

    /// nil for a name that is none of a worker's.
    init?(kept name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "worker", let generation = Int(parts[1]),
            let index = Int(parts[2])
        else { return nil }
        self.init(GenerationID(generation), index)
        // Written as it would be written here.
        guard keptName == name else { return nil }
    }
}
