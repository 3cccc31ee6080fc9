extension [Duration] {
    /// The value that this share of all does not exceed; zero of none.
    func percentile(_ share: Double) -> Duration {
        let sorted = sorted()
        guard !sorted.isEmpty else { return .zero }
        let index = Int((Double(sorted.count) * share).rounded(.up)) - 1
        return sorted[Swift.max(0, Swift.min(sorted.count - 1, index))]
    }

    /// The middle and the greatest of them, for people.
    var spread: String { "median \(percentile(0.5).short), most \(percentile(1).short)" }
}
