import Adoption
import ControlProtocol
import HandoverCore
import Keeper
import Kernel
import Logging

/// The first generation of a service whose server ran before there was a supervisor.
extension Supervisor {
    /// The bank of the running server: one worker, with the sockets that it has.
    func runningBank() -> Bank? {
        guard let running else { return nil }
        return Bank(slots: [
            listeners.map { listener in
                running.served(at: listener.settings).map { listener.takeRunning($0) } ?? []
            }
        ])
    }

    /// Takes the running server for a worker that was asked for.
    func takeRunning(as id: WorkerID) -> Bool {
        guard let process = running?.process else { return false }
        running = nil
        let worker = Worker(
            id, adopting: process,
            WorkerEnds(out: nil, err: nil, notify: nil, channel: nil),
            environment: ["MAINPID=\(process.pid)"], startedAt: MonotonicClock.now(), in: loop)
        takeUp(worker)
        vault.keep(process, as: .worker(id, .process))
        // No child of the keeper's, which tells its children's ends alone.
        watch(worker)
        log.notice("process \(process.pid) is worker \(id)", metadata: id.facts)
        report(.workerStarted, id)
        submit(.workerStarted(id))
        return true
    }
}
