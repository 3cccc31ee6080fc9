import Kernel
import SteeringABI

extension ProgramMachine {
    var peers: TablePeers? { remembersFlows ? table.peers : nil }

    var tableMember: Int? { member }

    var untellable: String? {
        if !remembersFlows { return "no flow is remembered (steering stateless)" }
        return table.peers == nil
            ? "the steering program is of an older relevod: stop and start the service once" : nil
    }

    var tellingInterval: Duration {
        let ticks = ids?.refreshTicks ?? UInt64(table.ticks.refresh)
        return .nanoseconds(Int64(clamping: (ticks + 1) << UInt64(table.ticks.shift)))
    }

    func flows(seenWithin time: Duration) -> [Int: Int] {
        let ticks = UInt32(clamping: time.nanoseconds >> Int(table.ticks.shift))
        let tally = table.tally(seenWithin: ticks)
        guard !tally.isEmpty else { return [:] }
        return table.open(of: member).mapValues { Int(tally[$0]) }
    }

    func slot(of flow: FlowTuple) -> Int? {
        let region = table.state.region
        guard let flows = table.flows, (try? flows.reach(region.buckets)) != nil else { return nil }
        let hash = FlowHash(of: flow, at: member, key: table.state.key)
        guard let entry = flows.entry(of: hash.value, in: region),
            !table.ticks.isIdle(entry, at: table.now())
        else { return nil }
        let seat = table.state.seat(of: entry.placement)
        return seat?.member == member ? seat?.slot : nil
    }
}
