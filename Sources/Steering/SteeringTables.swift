/// The flow tables of one service: its listeners share one as far as they want the same.
///
/// Listeners with the same `MaxFlows=` and `IdleTimeout=` share a table for that many flows, all of
/// them together: so the memory is what was asked for, however many addresses a server has. One
/// that is to have a table of its own says another number.
package final class SteeringTables {
    private struct Wish: Hashable {
        let mode: SteeringMode
        let maxFlows: Int
        var idleTimeout: Duration
        let variant: String

        init(_ setup: SteeringSetup, _ variant: ProgramVariant) {
            mode = setup.mode
            // Where none are remembered neither matters.
            maxFlows = setup.mode.remembersFlows ? setup.maxFlows : 0
            idleTimeout = setup.mode.remembersFlows ? setup.idleTimeout : .zero
            self.variant = variant.name
        }
    }

    private struct Made {
        weak var table: SharedTable?
        /// The kernel's number of the map of its state.
        let id: UInt32
    }

    private var made: [Wish: [Made]] = [:]

    /// None yet.
    package init() {}

    /// A table that a listener like this may share; it lives as long as one of its listeners.
    func table(for setup: SteeringSetup, _ variant: ProgramVariant) -> SharedTable? {
        made[Wish(setup, variant)]?.lazy.compactMap(\.table).first
    }

    /// The table of that map, if a listener has it already.
    func table(withState id: UInt32) -> SharedTable? {
        made.values.lazy.joined().first { $0.id == id }?.table
    }

    /// A table goes by another idle time: listeners that come and want that one may share it.
    func move(_ table: SharedTable, to idleTimeout: Duration) {
        for (wish, tables) in made where tables.contains(where: { $0.table === table }) {
            var other = wish
            other.idleTimeout = idleTimeout
            if other == wish { continue }
            made[wish] = tables.filter { $0.table !== table }
            made[other, default: []] += tables.filter { $0.table === table }
        }
    }

    /// Offers a table to the listeners that come.
    func add(
        _ table: SharedTable, id: UInt32, for setup: SteeringSetup, _ variant: ProgramVariant
    ) {
        let others = made[Wish(setup, variant), default: []].filter { $0.table != nil }
        made[Wish(setup, variant)] = others + [Made(table: table, id: id)]
    }
}
