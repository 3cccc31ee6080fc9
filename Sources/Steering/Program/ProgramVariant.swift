import CBPF

/// One of the programs in steering.bpf.c; the loader takes the first that the kernel accepts.
struct ProgramVariant: Equatable, Sendable {
    /// The function's name in the C source.
    let name: String
    /// Whether it reads the clock of the last tick only.
    let coarseClock: Bool
    /// What people are told about it, empty for the best one.
    let remark: String

    static let flow = ProgramVariant(name: "flow", coarseClock: true, remark: "")
    static let flowPlain = ProgramVariant(
        name: "flow_plain", coarseClock: false, remark: "without compare-and-exchange")
    static let stateless = ProgramVariant(name: "stateless", coarseClock: false, remark: "")
    static let migrating = ProgramVariant(
        name: "stateless_migrate", coarseClock: false,
        remark: "pending connections of a closing listener are moved")
    static let notMigrating = ProgramVariant(
        name: "stateless", coarseClock: false,
        remark: "pending connections of a closing listener are not moved")

    /// What to try for a setup, best first.
    static func candidates(for setup: SteeringSetup) -> [ProgramVariant] {
        switch (setup.mode, setup.transport) {
        case (.flow, _): [.flow, .flowPlain]
        case (.stateless, .udp): [.stateless]
        case (.stateless, .tcp): [.migrating, .notMigrating]
        }
    }
}
