import Kernel
package import Logging
package import Settings
package import Systemd
import ControlProtocol
import HandoverCore
import Keeper
import Record
import ServiceCore

/// How a service ended, for the exit code.
package enum ServiceOutcome: Equatable {
    case stopped
    case failed(String)
    /// It was only to find out what the server binds, and has.
    case shown(String)
    /// The process ends, the service does not.
    case left
}

/// What a supervisor is started with.
package struct Start {
    package var settings: ServiceSettings
    /// What SIGHUP reads again.
    package var origin: SettingsOrigin?
    /// Whether a service that runs without its supervisor is taken over.
    package var resumes = false
    /// A server that runs already and becomes the first generation.
    package var process: Int32?
    let inherited: InheritedDescriptors
    let log: Logger

    package init(
        _ settings: ServiceSettings, _ inherited: InheritedDescriptors, _ log: Logger
    ) {
        self.settings = settings
        self.inherited = inherited
        self.log = log
    }

    /// Runs the service to its end, from its beginning or from where a predecessor left it.
    ///
    /// - Throws: what kept it from starting; then nothing has been started, and nothing that a
    ///   predecessor left has been touched.
    package consuming func run() throws(SupervisorError) -> ServiceOutcome {
        do throws(KernelError) {
            try ignoreSignal(SignalNumber.pipe)
            // Of a memory file, too: then a write fails, and who wrote says so.
            try ignoreSignal(SignalNumber.fileTooLarge)
        } catch {
            throw SupervisorError("\(error)")
        }
        let runtime = try RuntimeDirectory(
            name: settings.name,
            isShared: NotifyEndpoint.isOpen(to: nil) || settings.user != nil
                || settings.controlGroup != nil)
        guard ServiceManager.hasStartedUs else { return try makeShell(runtime).run() }
        return try runAfterFailures(runtime)
    }

    /// A service manager starts again at once, and would for ever.
    private consuming func runAfterFailures(
        _ runtime: RuntimeDirectory
    ) throws(SupervisorError) -> ServiceOutcome {
        var failed = FailedStarts.take(from: runtime.failedStartsPath)
        if failed.count > 0 {
            let text =
                "start \(failed.count + 1) in a row, in \(failed.pause.settingsText); the one before: "
            log.notice("\(text)\(failed.reason)")
            sayStatus(text + failed.reason, asking: failed.pause + .seconds(30))
            do throws(KernelError) {
                try passTime(failed.pause)
            } catch {
                log.warning("\(error)")
            }
        }
        func note(_ reason: String) {
            failed.add(reason, at: MonotonicClock.sinceBoot())
            // It may have gone with the service.
            try? makeFolders(runtime.path, mode: 0o755)
            failed.write(to: runtime.failedStartsPath)
        }
        do throws(SupervisorError) {
            let outcome = try makeShell(runtime).run()
            if case .failed(let reason) = outcome { note(reason) }
            return outcome
        } catch {
            note(error.description)
            throw error
        }
    }

    /// What is found of a predecessor and not taken up is closed when this returns.
    private func makeShell(_ runtime: RuntimeDirectory) throws(SupervisorError) -> Shell {
        // Until the keeper is connected, and keeps others out.
        let lock = try runtime.lock(for: settings.name)
        defer { extendLifetime(lock) }
        let loop: EventLoop
        do throws(KernelError) {
            loop = try EventLoop()
        } catch {
            throw SupervisorError("\(error)")
        }
        guard
            let former = try Predecessor.find(inherited.stored, runtime, settings, loop, log)
        else { return try Shell.begin(self, runtime, loop) }
        guard resumes || !inherited.stored.isEmpty else {
            throw SupervisorError(
                "\(settings.name) runs on without its supervisor; relevo run --resume takes it "
                    + "over, kill \(former.context.keeper.pid) ends its workers")
        }
        let shell = try Shell.resume(former, self)
        // Its slots have these sockets already, as they were kept.
        for socket in inherited.sockets { socket.close() }
        return shell
    }
}

extension Start {
    /// Whether this program takes over a record that is to be read by this version and later ones.
    package static func reads(recordFormat text: String) -> Bool {
        Int(text).map { RecordFormat.versions.readableFrom...RecordFormat.versions.format ~= $0 }
            ?? false
    }

    /// The settings that a predecessor ran with, out of the memory file with its record: for when
    /// those of now are bad, and its workers serve on.
    package static func settings(
        inRecord bytes: [UInt8]
    ) throws(SupervisorError) -> [UInt8] {
        do {
            let reading = try RecordReading(
                file: bytes, understanding: RecordFormat.versions.format)
            guard let text = reading.parts[PortRecord.settings] else {
                throw SupervisorError("its settings are missing")
            }
            return text
        } catch {
            throw SupervisorError("the record of the supervisor before cannot be read: \(error)")
        }
    }
}
