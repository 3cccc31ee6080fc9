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
        var variables = Environment.strings()
        variables += sockets.settings.environment.sorted { $0.key < $1.key }
            .map { "\($0)=\($1)" }
        variables += facts.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        return try LimitedCommand(
            try plan(command, variables), for: limit, in: loop, ended: ended)
    }

    /// How any command of the settings is run: where the workers are, and as their user.
    private func plan(_ command: [String], _ environment: [String]) throws -> SpawnPlan {
        let settings = sockets.settings
        var plan = SpawnPlan(
            executable: try resolveExecutable(
                command[0], path: WorkerStart.searchPath(of: settings)),
            arguments: command, environment: environment)
        plan.workingFolder = settings.workingDirectory
        plan.identity = identity
        return plan
    }

    func runReadyCommand(_ id: WorkerID) {
        guard case .exec(let words) = sockets.settings.ready, let handle = self[id] else {
            return
        }
        let pid = handle.pid
        let environment = handle.environment
        handle.readyCommand = ReadyCommand(
            in: loop, plan: { [unowned self] in try plan(words, environment) },
            succeeded: { [unowned self] in report(.readyCommandSucceeded(id, pid: pid)) })
    }

    func stopReadyCommand(_ id: WorkerID) { self[id]?.readyCommand?.stop() }
}
