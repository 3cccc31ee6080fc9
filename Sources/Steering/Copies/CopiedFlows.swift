/// The 4-tuples whose datagrams are copied: of these sessions nothing in the table tells that they go on.
///
/// One counts once it has been heard for a while, so that no flood of made-up sources holds a drain up.
package struct CopiedFlows {
    private struct Heard {
        let first: Duration
        var last: Duration
    }

    /// How long one must go on to count, and is remembered meanwhile.
    static let proof = Duration.seconds(2)
    static let patience = Duration.seconds(5)
    /// More than all that may be copied while one is waited for.
    static let most = 8192

    private var flows: [FlowTuple: Heard] = [:]
    private let idleTimeout: Duration

    package init(idleTimeout: Duration) { self.idleTimeout = idleTimeout }

    package mutating func hear(_ flow: FlowTuple, at now: Duration) {
        if flows[flow] == nil, flows.count >= Self.most { return }
        flows[flow, default: Heard(first: now, last: now)].last = now
    }

    /// How many sessions go on; what has ended is forgotten.
    package mutating func count(at now: Duration) -> Int {
        flows = flows.filter { now - $0.value.last <= limit(of: $0.value) }
        return flows.values.filter(Self.isProved).count
    }

    private func limit(of heard: Heard) -> Duration {
        Self.isProved(heard) ? idleTimeout : min(idleTimeout, Self.patience)
    }

    private static func isProved(_ heard: Heard) -> Bool { heard.last - heard.first >= proof }
}
