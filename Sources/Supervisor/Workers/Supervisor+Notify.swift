import ChannelProtocol
import HandoverCore
import Kernel
import Logging
import ServiceCore
import Settings

extension Supervisor {
    /// Listens to what a worker says to its NOTIFY_SOCKET.
    func listen(to endpoint: NotifyEndpoint, of id: WorkerID) throws(KernelError) {
        let trusted = [ProcessIdentity.effectiveUser] + (identity.map { [$0.uid] } ?? [])
        try endpoint.listen(in: loop, trusting: Set(trusted)) { [unowned self] sender in
            workers[id].map { ProcessView.descends(sender.pid, from: $0.pid) } ?? false
        } refused: { [unowned self] in
            refuse($0, id)
        } heard: { [unowned self] heard, descriptors in
            switch heard {
            case .success(let notification):
                takeStored(notification, &descriptors, from: id)
                take(notification, from: id)
            case .failure(let error): warn("worker \(id) sent \(error)", id)
            }
        }
    }

    /// Tells of the first message that somebody else has sent; the rest would fill the log.
    private func refuse(_ sender: PeerCredentials?, _ id: WorkerID) {
        guard let worker = workers[id], !worker.wasSpokenForByOthers else { return }
        worker.wasSpokenForByOthers = true
        let who = sender.map { "process \($0.pid) of user \($0.uid)" } ?? "somebody"
        warn("\(who) spoke for worker \(id), of which it is no part: refused", id)
    }

    private func take(_ notification: Notification, from id: WorkerID) {
        guard let worker = workers[id] else { return }
        for field in notification.malformed {
            warn("worker \(id) sent \(field.key)= with a value that says nothing", id)
        }
        if let status = notification.status { worker.statusText = status }
        if let pid = notification.mainPID, pid != worker.pid {
            warn(
                "worker \(id) says MAINPID=\(pid): refused, the process that was started stays its "
                    + "main one (a server that puts itself in the background should not)", id)
        }
        if let time = notification.extendTimeout { submit(.extendTimeout(id, time)) }
        if notification.isStopping { log.debug("worker \(id) is stopping") }
        switch notification.watchdog {
        case .alive: if worker.watchdog != nil { startWatchdog(worker) }
        case .trigger: missedWatchdog(id)
        case nil: break
        }
        let saysReady = notification.isReady
        worker.readiness?.learn { judge in
            judge.speaksNotify = true
            judge.saidReady = judge.saidReady || saysReady
        }
    }

    /// Grants a worker an interval of silence, the first one when it is ready: what it takes to get
    /// there is the ready timeout's business.
    func startWatchdog(_ worker: Worker) {
        guard let interval = settings.watchdog else { return }
        if let token = worker.watchdog { loop.remove(token) }
        let id = worker.id
        worker.watchdog = loop.schedule(at: MonotonicClock.now() + interval) { [unowned self] in
            missedWatchdog(id)
        }
    }

    /// Ends a worker that hangs, as systemd does, so that its core can be looked at.
    private func missedWatchdog(_ id: WorkerID) {
        guard let worker = workers[id] else { return }
        warn("worker \(id) missed its watchdog: ABRT", id)
        worker.watchdog = nil
        worker.send(SignalNumber.abort)
    }
}
