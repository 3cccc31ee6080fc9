/// Nothing is remembered, so nobody is known.
extension ClassicMachine {
    var tableMember: Int? { nil }
    var peers: TablePeers? { nil }
    var untellable: String? { "no flow is remembered (steering stateless)" }
    var tellingInterval: Duration { .zero }
    func flows(seenWithin time: Duration) -> [Int: Int] { [:] }
    func slot(of flow: FlowTuple) -> Int? { nil }
}
