import Kernel

extension ProgramMachine {
    func explain(_ datagram: ExplainedDatagram, _ setup: SteeringSetup) -> Decision {
        let region = table.state.region
        // Without the memory to look, what is not mapped is not seen.
        if remembersFlows { try? table.flows?.reach(region.buckets) }
        return Decider.decide(datagram, setup, View(self, region))
    }

    /// What the program reads at one moment.
    private struct View: SteeringView {
        let machine: ProgramMachine
        let region: TableRegion
        let now: TableTime
        let current: [Int]
        let canary: ViewedCanary?
        let ids: ViewedIds?

        init(_ machine: ProgramMachine, _ region: TableRegion) {
            self.machine = machine
            self.region = region
            now = machine.table.now()
            current = machine.state.currentRow
            canary = machine.state.viewedCanary
            ids = machine.ids?.viewed
        }

        var ticks: Ticks { machine.table.ticks }
        var key: (UInt64, UInt64) { machine.table.state.key }
        var member: Int { machine.member }
        var hasAliases: Bool { machine.table.state.hasAliases }

        func entry(of hash: UInt64) -> FlowEntry? {
            machine.table.flows?.entry(of: hash, in: region)
        }

        func slot(of placement: Int) -> Int? { machine.table.state.seat(of: placement)?.slot }
        func hasSocket(_ slot: Int) -> Bool { machine.hasSocket(slot) }
        func seal(of slot: Int) -> (UInt64, UInt64)? { machine.ids?.seal(of: slot) }
        var copiedTo: [Int] { machine.copiedTo.sorted() }
        func load(of slot: Int) -> UInt32? { machine.loads?.load(of: slot) }
        func isDraining(_ placement: Int) -> Bool { machine.ids?.isDraining(placement) ?? false }
    }
}
