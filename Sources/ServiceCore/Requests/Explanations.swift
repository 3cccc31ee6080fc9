package import HandoverCore

/// Why generations failed, in words for a person: what their workers printed last, what they were
/// waited for, what may be done.
package struct Explanations: Sendable {
    /// Enough for a stack trace's head, few enough for a terminal.
    static let mostLines = 20

    private var lines: [GenerationID: [String]] = [:]
    private var reasons: [GenerationID: String] = [:]
    /// What was not as it was promised when a generation became current.
    private var faults: [GenerationID: String] = [:]

    /// What a generation's workers printed last.
    package func lines(of generation: GenerationID) -> [String] { lines[generation] ?? [] }

    package func reason(of generation: GenerationID) -> String? { reasons[generation] }

    mutating func printed(_ generation: GenerationID, _ news: [String]) {
        lines[generation] = Array((lines(of: generation) + news).suffix(Self.mostLines))
    }

    mutating func explain(_ generation: GenerationID, _ reason: String?) {
        reasons[generation] = reason
    }

    package func fault(of generation: GenerationID) -> String? { faults[generation] }

    mutating func mar(_ generation: GenerationID, _ fault: String) { faults[generation] = fault }

    /// A reason for a generation's failure, with what is known besides.
    func explained(_ reason: String, of generation: GenerationID) -> String {
        reasons[generation].map { $0.isEmpty ? reason : "\(reason): \($0)" } ?? reason
    }

    /// Lets go of what was kept for generations that are not even shown any more.
    mutating func keep(only shown: Set<GenerationID>) {
        lines = lines.filter { shown.contains($0.key) }
        reasons = reasons.filter { shown.contains($0.key) }
        faults = faults.filter { shown.contains($0.key) }
    }
}
