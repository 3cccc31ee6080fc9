import CBPF
import Packs

/// One of the programs in steering.bpf.c, quic.bpf.c and pack.bpf.c; the loader takes the first that the kernel accepts.
///
/// Each is there once more for new flows that are placed by load, under the same name.
struct ProgramVariant: Equatable, Sendable {
    /// The function's name in the C source.
    let name: String
    /// Whether it reads the clock of the last tick only.
    let coarseClock: Bool
    /// What people are told about it, empty for the best one.
    let remark: String
    /// Whether it is for sessions with an id of their own.
    var hasIDs = false
    private var source = Source.steering

    private enum Source { case steering, quic, pack }

    /// Whether it heeds ids that the workers' library makes.
    var knowsSeals: Bool { source == .quic }

    /// Where it is.
    func object(_ balance: Balance) -> SteeringObject {
        switch (source, balance) {
        case (.steering, .hash): .steering
        case (.quic, .hash): .quic
        case (.pack, .hash): .pack
        case (.steering, .load): .balanced
        case (.quic, .load): .balancedQuic
        case (.pack, .load): .balancedPack
        }
    }

    static let flow = ProgramVariant(name: "flow", coarseClock: true, remark: "")
    static let flowPlain = ProgramVariant(
        name: "flow_plain", coarseClock: false, remark: "without compare-and-exchange")
    static let quic = ProgramVariant(
        name: "quic", coarseClock: true, remark: "", hasIDs: true, source: .quic)
    static let quicPlain = ProgramVariant(
        name: "quic_plain", coarseClock: false, remark: "without compare-and-exchange",
        hasIDs: true, source: .quic)
    static let stateless = ProgramVariant(name: "stateless", coarseClock: false, remark: "")
    static let migrating = ProgramVariant(
        name: "stateless_migrate", coarseClock: false,
        remark: "pending connections of a closing listener are moved")
    static let notMigrating = ProgramVariant(
        name: "stateless", coarseClock: false,
        remark: "pending connections of a closing listener are not moved")

    /// Those for described protocols.
    private static func described(by name: String) -> [ProgramVariant] {
        [
            ProgramVariant(name: name, coarseClock: true, remark: "", hasIDs: true, source: .pack),
            ProgramVariant(
                name: name + "_plain", coarseClock: false, remark: "without compare-and-exchange",
                hasIDs: true, source: .pack),
        ]
    }

    /// What to try for a setup, best first.
    static func candidates(for setup: SteeringSetup) -> [ProgramVariant] {
        switch (setup.mode, setup.transport) {
        case (.flow, _): [.flow, .flowPlain]
        case (.quic, _): [.quic, .quicPlain]
        case (.pack, _):
            switch setup.pack?.order {
            case .id: described(by: "id_first")
            case .tuple, nil: described(by: "tuple_first")
            }
        case (.stateless, .udp): [.stateless]
        case (.stateless, .tcp): [.migrating, .notMigrating]
        }
    }
}
