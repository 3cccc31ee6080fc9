import HandoverCore
import Keeper
import Kernel
import Logging
import Record
import ServiceCore
import Settings
import Systemd

/// What a predecessor has left: its record, its descriptors and its workers, as they are found.
struct Predecessor {
    let state: PredecessorState
    let parts: [Int: PortRecord.Listener]
    /// What it was told, with the listeners that it had adopted.
    let settings: ServiceSettings
    /// What counted for it as said by the settings file; nil where nothing of that is known.
    let fileSettings: ServiceSettings?
    let kept: KeptDescriptors
    let workers: [PredecessorWorker]
    let context: StartContext
    /// What the service manager's fd store holds.
    let storedNames: Set<String>
    let keeperIsNew: Bool
    let log: StateLog

    /// Looks for a service that runs on without its supervisor.
    ///
    /// - Parameter stored: what the service manager has kept for us.
    /// - Returns: nil where there is none.
    /// - Throws: that it has a supervisor, or that this version cannot take it over; then its
    ///   workers serve on and all stays as it is.
    static func find(
        _ stored: [InheritedDescriptor], _ runtime: RuntimeDirectory, _ settings: ServiceSettings,
        _ loop: EventLoop, _ log: Logger
    ) throws(SupervisorError) -> Predecessor? {
        let remains = try FoundPredecessor(stored, runtime, settings, loop)
        guard let state = remains.kept.take(.state) else {
            guard remains.workers.isEmpty else {
                throw SupervisorError(
                    "the record of the supervisor before is missing: its workers serve on, kill "
                        + "\(remains.keeper?.pid ?? 0) ends them")
            }
            remains.keeper?.end()
            return nil
        }
        let file = MemoryFile(adopting: state)
        guard let found = try read(file, remains, runtime) else {
            // Killed before it began, or after the end: there is nothing to go on with.
            remains.keeper?.end()
            return nil
        }
        let executable: String
        do throws(KernelError) {
            executable = try KeeperLink.ownExecutable()
        } catch {
            throw SupervisorError("\(error)")
        }
        let keeper: KeeperLink
        if let old = remains.keeper {
            keeper = old
        } else {
            log.warning("the keeper is gone as well: another one takes its place")
            keeper = try Places.startKeeper(
                executable, runtime, settings, loop, waits: false)
        }
        let vault = Vault()
        vault.add(keeper)
        // Not handed over again after an exec in place.
        let isHeld =
            stored.isEmpty ? found.state.service.holdsLifeLine : remains.isLifeLineHeld
        return Predecessor(
            state: found.state, parts: found.parts, settings: found.settings,
            fileSettings: found.fileSettings, kept: remains.kept,
            workers: remains.allWorkers(knownFrom: found.state),
            context: StartContext(
                runtime: runtime, log: log, loop: loop, vault: vault, keeper: keeper,
                executable: executable, holdsLifeLine: remains.keeper != nil && isHeld),
            storedNames: remains.storedNames, keeperIsNew: remains.keeper == nil,
            log: StateLog.continuing(file, found.reading, RecordFormat.versions))
    }

    private struct Found {
        let reading: RecordReading
        let state: PredecessorState
        let parts: [Int: PortRecord.Listener]
        let settings: ServiceSettings
        let fileSettings: ServiceSettings?
    }

    /// Reads the record and judges it; nil where the service has not begun, or has ended.
    private static func read(
        _ file: borrowing MemoryFile, _ remains: FoundPredecessor, _ runtime: RuntimeDirectory
    ) throws(SupervisorError) -> Found? {
        do {
            var reading: RecordReading
            do {
                reading = try StateLog.read(file, RecordFormat.versions)
                _ = try reading.setAside(unlessKnown: PortRecord.knows)
            } catch RecordFault.empty where remains.workers.isEmpty {
                return nil
            }
            var parts: [Int: PortRecord.Listener] = [:]
            var shared: [RecordPart] = []
            for (key, bytes) in reading.parts {
                if let part = try RecordFormat.part(key, bytes) {
                    shared.append(part)
                } else if key == PortRecord.listener(key.first) {
                    parts[key.first] = try RecordValue.read(
                        PortRecord.Listener.self, from: bytes)
                }
            }
            guard let state = try PredecessorState(shared) else { return nil }
            var settings = try settings(in: reading)
            // Of a listener that was still being made nobody has anything.
            while settings.listeners.count > state.listeners.count {
                settings.listeners.removeLast()
                parts[settings.listeners.count] = nil
            }
            guard settings.listeners.count == state.listeners.count,
                parts.keys.sorted() == Array(settings.listeners.indices)
            else { throw SupervisorError("its listeners are not those of its settings") }
            return Found(
                reading: reading, state: state, parts: parts, settings: settings,
                fileSettings: reading.parts[PortRecord.fileSettings].flatMap { text in
                    // It only says what is told of the file.
                    try? ServiceSettings.parse(
                        String(decoding: text, as: UTF8.self), file: "record", inheritsSockets: true
                    )
                })
        } catch {
            try? writeFile(
                runtime.refusedRecordPath, (try? file.read(upTo: 64 << 20, at: 0)) ?? [],
                mode: 0o600)
            throw SupervisorError(
                "the record of the supervisor before cannot be taken over: \(error). Its workers "
                    + "serve on; a relevod that knows the record can take over (a copy is in "
                    + "\(runtime.refusedRecordPath))"
                    + (remains.keeper.map { ", kill \($0.pid) ends them" } ?? ""))
        }
    }

    /// The settings that a predecessor ran with.
    static func settings(in reading: RecordReading) throws -> ServiceSettings {
        guard let text = reading.parts[PortRecord.settings] else {
            throw SupervisorError("its settings are missing")
        }
        return try ServiceSettings.parse(
            String(decoding: text, as: UTF8.self), file: "record", inheritsSockets: true)
    }

    /// What is there of what the predecessor had.
    func findings(_ sockets: [SlotID: UInt64]) -> Findings {
        var stored: Set<Int> = []
        for name in kept.names {
            if case .stored(let number) = name { stored.insert(number) }
        }
        let wanted = state.sockets
        var findings = Findings(
            slots: sockets,
            workers: workers.map {
                Findings.FoundWorker(
                    $0.id, pid: $0.pid, isAlive: $0.process != nil, isKeepers: $0.isKeepers)
            },
            stored: stored,
            keeperLacks: keeperIsNew || wanted.keys.contains { sockets[$0] == nil })
        findings.newerProgram =
            state.currentProgram.flatMap { HeldPrograms.change(of: $0)?.text } ?? newerLibrary
        return findings
    }

    /// It counts for a restart that was asked for, and only then is it looked for.
    private var newerLibrary: String? {
        guard state.service.isRestarting == true else { return nil }
        let current = state.current
        return workers.lazy.filter { $0.id.generation == current && $0.process != nil }
            .compactMap { ReplacedLibraries.first(of: $0.pid) }.first
            .map { "\($0) that it runs from is another file now, or gone" }
    }
}
