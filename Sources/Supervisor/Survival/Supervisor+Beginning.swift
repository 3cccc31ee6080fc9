import HandoverCore
import Kernel
import Keeper
import Logging
import Settings

extension Supervisor {
    /// A service's first supervisor. Its keeper runs, nothing is bound or started yet.
    convenience init(
        beginning settings: ServiceSettings, _ given: GivenSockets, running: RunningServer?,
        _ runtime: RuntimeDirectory, _ loop: EventLoop, _ log: Logger
    ) throws(SupervisorError) {
        let vault = Vault()
        do {
            let listeners = try settings.makeListeners(
                vault: vault, given: given, running: running)
            let executable = try KeeperLink.ownExecutable()
            let keeper = try Self.startKeeper(executable, runtime, settings, loop)
            vault.add(keeper)
            try self.init(
                settings, machine: Machine(policy: Policy(settings)), listeners: listeners,
                recordFile: try RecordFile.new(),
                Surroundings(
                    runtime: runtime, log: log, loop: loop, vault: vault, keeper: keeper,
                    executable: executable))
        } catch let error as ListenerError {
            throw SupervisorError(error.description, isPermission: error.isPermission)
        } catch let error as SupervisorError {
            throw error
        } catch {
            throw SupervisorError("\(error)")
        }
        self.running = running
        vault.keep(recordFile.file, as: .state)
        for listener in listeners { listener.keep() }
        beginCallInHand()
    }

    /// A later one, out of what the one before has left. What the settings say is new; but the
    /// listeners stay what they are as long as the service runs.
    convenience init(
        resuming legacy: Legacy, _ settings: ServiceSettings
    ) throws(SupervisorError) {
        var settings = settings
        let log = legacy.surroundings.log
        if settings.listeners != legacy.settings.listeners.filter({ !$0.isAdopted }) {
            log.warning("the settings' listeners have changed: that takes a stop and a start")
        }
        settings.listeners = legacy.settings.listeners
        do {
            let listeners = try settings.resumeListeners(
                legacy.record, from: legacy.kept, vault: legacy.surroundings.vault)
            try self.init(
                settings, machine: legacy.record.machine, listeners: listeners,
                recordFile: legacy.takeRecordFile(), legacy.surroundings)
        } catch {
            let what = (error as? ListenerError)?.description ?? "\(error)"
            throw SupervisorError("what the supervisor before has left is not whole: \(what)")
        }
    }
}
