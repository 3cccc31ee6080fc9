import HandoverCore
import Kernel
import ServiceCore
import Settings

/// Commands that are run beside the workers: as their user, in their folder, without a socket.
extension Processes {
    /// A check may take so long.
    private static let checkLimit = Duration.seconds(60)

    /// Runs the check of a new generation; one that is still running ends.
    func runCheck(
        _ id: GenerationID, step: Int, _ command: [String], of clients: CanaryClients?,
        otherwise share: String
    ) {
        var facts = [
            "RELEVO_SERVICE": sockets.settings.name, "RELEVO_GENERATION": "\(id.number)",
            "RELEVO_STEP": "\(step + 1)",
        ]
        facts["RELEVO_SHARE"] = clients.map { $0.share.map { "\($0)" } ?? "0%" } ?? share
        facts["RELEVO_NETWORKS"] = clients?.networks.joined(separator: " ")
        do {
            check = try run(command, facts, for: Self.checkLimit) { [unowned self] fault in
                check = nil
                report(.checkEnded(id, step: step, fault: fault))
            }
        } catch {
            report(.checkEnded(id, step: step, fault: "\(error)"))
        }
    }

    /// Runs a hook.
    func runHook(_ run: HookRun) {
        do {
            hook = try self.run(run.hook.command, run.facts, for: run.limit) {
                [unowned self] fault in
                hook = nil
                report(.hookEnded(run.number, fault: fault))
            }
        } catch {
            report(.hookEnded(run.number, fault: "cannot be run: \(error)"))
        }
    }

    private func run(
        _ command: [String], _ facts: [String: String], for limit: Duration,
        ended: @escaping (String?) -> Void
    ) throws -> LimitedCommand {
        let settings = sockets.settings
        var variables = Environment.strings()
        variables += settings.environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        variables += facts.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        var plan = SpawnPlan(
            executable: try resolveExecutable(
                command[0], path: WorkerStart.searchPath(of: settings)),
            arguments: command, environment: variables)
        plan.workingFolder = settings.workingDirectory
        plan.identity = identity
        return try LimitedCommand(plan, for: limit, in: loop, ended: ended)
    }
}
