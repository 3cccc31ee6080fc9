import ControlProtocol
import HandoverCore
import Kernel
import Settings
import SystemPackage

extension Supervisor {
    /// Opens the control socket.
    func openControl() throws(SupervisorError) {
        do throws(KernelError) {
            let admission = try admission()
            control = try ControlEndpoint(at: runtime.controlPath, admission, in: loop) {
                [unowned self] connection in
                connection.called = { [unowned self, unowned connection] call in
                    serve(call, on: connection)
                }
                connection.closed = { [unowned self, unowned connection] in
                    events.remove(connection)
                }
            }
        } catch {
            if error.errno == .addressInUse {
                throw SupervisorError(
                    "\(settings.name) is running already (\(runtime.controlPath) answers); "
                        + "relevo upgrade \(settings.name) upgrades it, --name gives another name")
            }
            throw SupervisorError("control socket \(error)")
        }
    }

    /// Who may control the service, and join it.
    func admission() throws(KernelError) -> Admission {
        guard let name = settings.controlGroup else { return Admission(group: nil) }
        return Admission(group: try ServiceSettings.groupID(name))
    }

    private func serve(_ call: ControlCall, on connection: ControlConnection) {
        let sink = call.oneway ? nil : connection
        if let reply = ControlReply(answering: call.request) {
            sink?.reply(reply)
            return
        }
        switch call.request {
        case .getInfo, .getInterfaceDescription: break
        case .getStatus: sink?.reply(.status(status()))
        case .events:
            connection.reply(.event(greeting()), continues: true)
            events.add(connection)
        case .reexec: reexec(more: call.more, for: sink)
        case .upgrade(let command, let workers, let wait):
            upgrade(command, workers, wait, more: call.more, for: sink)
        case .rollback(let wait):
            ask("rollback", wait, more: call.more, for: sink) { .rollback($0) }
        case .restart(let wait):
            ask("restart", wait, more: call.more, for: sink) { .restart($0) }
        case .drain(let number, let timeout):
            let forever = Duration.seconds(100 * 365 * 86_400)
            ask("drain", .flip, more: false, for: sink) {
                .changeDrainDeadline($0, number.map { GenerationID($0) }, timeout ?? forever)
            }
        case .stop(let timeout): stop(within: timeout, more: call.more, for: sink)
        }
    }

    private func upgrade(
        _ command: [String]?, _ workers: Int?, _ wait: Wait, more: Bool,
        for connection: ControlConnection?
    ) {
        if let command, command.first?.isEmpty ?? true {
            connection?.reply(.error(.invalidParameter("command")))
            return
        }
        if command == nil, workers == nil, upgradeToParked(wait, more: more, for: connection) {
            return
        }
        var launch: Launch?
        if let present = machine.launch, command != nil || workers != nil {
            launch = Launch(
                command: command ?? present.command, workers: workers ?? present.workers,
                group: command == nil ? present.group : nil)
        }
        upgrade(to: launch, wait, more: more, for: connection)
    }

    private func stop(within timeout: Duration?, more: Bool, for connection: ControlConnection?) {
        let drains = timeout.map { $0 > .zero } ?? settings.drains
        if let timeout, drains { changePolicy { $0.drainTimeout = timeout } }
        ask("stop", .drained, more: more, for: connection) { .stop($0, drain: drains) }
    }

    /// Changes the limits for all that begins from now on.
    func changePolicy(_ change: (inout Policy) -> Void) {
        var policy = machine.policy
        change(&policy)
        submit(.changePolicy(policy))
    }

    /// Hands a request to the machine and keeps who waits for its answer.
    ///
    /// - Returns: whether a handover is under way for it; false where the machine takes it later.
    @discardableResult
    func ask(
        _ what: String, _ wait: Wait, more: Bool, for connection: ControlConnection?,
        event: (RequestID) -> Event
    ) -> Bool {
        let id = requests.add(
            PendingRequest(
                connection: connection, wait: wait, more: more, what: what, began: Self.now))
        submit(event(id))
        requests.release(id)
        return machine.handovers.contains { $0.request == id }
    }
}
