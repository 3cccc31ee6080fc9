/// Where a generation stands between its start and its end.
package struct GenerationState: OpenName {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let starting = GenerationState(rawValue: "starting")
    package static let canary = GenerationState(rawValue: "canary")
    package static let current = GenerationState(rawValue: "current")
    package static let draining = GenerationState(rawValue: "draining")
    package static let retiring = GenerationState(rawValue: "retiring")
    package static let stopped = GenerationState(rawValue: "stopped")
    package static let failed = GenerationState(rawValue: "failed")
}
