import Kernel
import SystemPackage

/// Picks the machine for a setup by trying, never by the kernel's version number.
enum ChooseMachine {
    static func machine(
        for setup: SteeringSetup, _ tables: SteeringTables
    ) throws(SteeringError) -> any SteeringMachine {
        try check(setup)
        if setup.machine == .classic {
            return ClassicMachine(reason: "as asked")
        }
        var refusals: [LoadedProgram.Refusal] = []
        for variant in ProgramVariant.candidates(for: setup) {
            do throws(LoadedProgram.Refusal) {
                return try program(variant, setup, tables)
            } catch {
                refusals.append(error)
            }
        }
        guard let refusal = refusals.last else {
            throw SteeringError("no steering program for \(setup.mode) on \(setup.transport)")
        }
        switch setup.mode {
        case .stateless: return ClassicMachine(reason: "eBPF " + reason(refusal))
        case .flow, .quic, .pack:
            throw SteeringError(
                "\(setup.title): \(reason(refusal))\(remedy(refusal))",
                isPermission: refusal.errno == .notPermitted,
                refusal: refusal.errno == .notPermitted ? .here : nil)
        }
    }

    private static func check(_ setup: SteeringSetup) throws(SteeringError) {
        precondition(1...512 ~= setup.slotCapacity, "up to 512 slots")
        switch (setup.mode, setup.transport, setup.machine) {
        case (.flow, .tcp, _), (.quic, .tcp, _), (.pack, .tcp, _):
            throw SteeringError(
                "\(setup.title) is for udp: the kernel keeps tcp connections where they "
                    + "are; use --steering stateless")
        case (.flow, .udp, .classic), (.quic, .udp, .classic), (.pack, .udp, .classic):
            throw SteeringError(
                "classic BPF remembers no flows and no ids; use --steering stateless")
        case (.pack, .udp, .best) where setup.pack == nil:
            throw SteeringError("nothing says how sessions are told")
        case (.flow, .udp, .best), (.quic, .udp, .best), (.pack, .udp, .best),
            (.stateless, _, _):
            break
        }
    }

    /// That program and no other.
    ///
    /// - Parameter object: where it is; nil for its usual place.
    static func program(
        _ variant: ProgramVariant, _ setup: SteeringSetup, _ tables: SteeringTables,
        in object: SteeringObject? = nil
    ) throws(LoadedProgram.Refusal) -> ProgramMachine {
        let shared = tables.table(for: setup, variant)
        let loaded = try LoadedProgram(
            object ?? variant.object(setup.placesBy), function: variant.name,
            slots: setup.socketPlaces,
            buckets: setup.mode.remembersFlows ? setup.tableShape.buckets : 1,
            ring: setup.mode.remembersFlows ? TablePeers.size(for: setup.tableShape) : nil,
            sharing: shared?.maps, pack: setup.pack.map(CompiledPack.init))
        do {
            if let shared {
                return try ProgramMachine(loaded, variant: variant, setup: setup, table: shared)
            }
            let table = try SharedTable(loaded, variant: variant, setup: setup)
            tables.add(table, id: try mapID(of: loaded.table), for: setup, variant)
            return try ProgramMachine(loaded, variant: variant, setup: setup, table: table)
        } catch let error as KernelError {
            throw LoadedProgram.Refusal(errno: error.errno, remark: error.description)
        } catch {
            throw LoadedProgram.Refusal(errno: .noMemory, remark: "\(error)")
        }
    }

    private static func reason(_ refusal: LoadedProgram.Refusal) -> String {
        switch refusal.errno {
        case .notPermitted: RefusedCall.here.words
        case .noMemory: "no memory for the table"
        default: "\(refusal.errno) (\(refusal.remark))"
        }
    }

    private static func remedy(_ refusal: LoadedProgram.Refusal) -> String {
        switch refusal.errno {
        case .notPermitted: ": " + RefusedCall.here.remedy
        case .noMemory: ": lower --max-flows"
        default: "; use --steering stateless"
        }
    }
}
