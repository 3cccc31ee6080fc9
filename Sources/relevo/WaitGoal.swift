import ArgumentParser
import ControlProtocol

/// What `relevo wait` waits for.
enum WaitGoal: String, CaseIterable, ExpressibleByArgument {
    /// Every worker of the generation that new flows go to is ready.
    case ready
    /// New flows go to a generation that serves, and no other one is about to take its place.
    case current
    /// No old generation is left.
    case drained
    /// No session is left anywhere.
    case idle

    func isReached(in status: ServiceStatus) -> Bool {
        let states = status.generations.map(\.state)
        let serving = status.currentGeneration.flatMap { $0.state == .current ? $0 : nil }
        switch self {
        case .ready:
            guard let serving, !serving.workers.isEmpty else { return false }
            return serving.workers.allSatisfy { $0.state == .ready }
        case .current:
            guard let serving, serving.readyWorkers > 0 else { return false }
            return !states.contains(.starting)
        case .drained:
            return status.handover == nil
                && !states.contains { [.starting, .draining, .retiring].contains($0) }
        case .idle:
            return status.generations.allSatisfy { generation in
                let told = generation.workers.compactMap(\.sessions).reduce(0, +)
                return generation.flows + told + (generation.outside?.total ?? 0) == 0
            }
        }
    }
}
