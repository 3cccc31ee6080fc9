import HandoverCore
import Settings

/// What people and the service manager ask for.
extension Service {
    mutating func take(
        _ wish: Wish, from asker: AskerID?, _ wait: Wait, sendsProgress: Bool,
        _ origin: Origin, _ turn: inout ServiceTurn
    ) {
        switch wish {
        case .status:
            guard let asker else { return }
            statusAskers.append(asker)
            if statusAskers.count == 1 { turn.emit(.countFlows) }
        case .history(let number): turn.emit(asker.map { .tell($0, .history(number)) })
        case .reexec: turn.emit(.reexec(asker))
        case .changeFlow(let deed): turn.emit(.changeFlow(asker, deed))
        case .upgrade(let named, let workers, let release, let canary, let watch, let dryRun):
            var command = named
            if let release {
                let template = named ?? settings.command
                guard Release.isNamed(in: template) else {
                    turn.emit(asker.map { .tell($0, .refused(Self.noRelease)) })
                    return
                }
                command = Release.fill(template, with: release)
            }
            upgrade(
                command, workers, Trying(canary: canary, watch: watch, dryRun: dryRun), asker, wait,
                sendsProgress: sendsProgress, by: origin, &turn)
        case .promote(let full, let meant):
            ask("promote", asker, .flip, sendsProgress: false, by: origin, &turn) {
                .promote($0, full: full, meant: meant)
            }
        case .hold: ask("hold", asker, .flip, sendsProgress: false, &turn) { .hold($0) }
        case .abort:
            ask("abort", asker, .flip, sendsProgress: false, by: origin, &turn) { .abort($0) }
        case .rollback:
            ask("rollback", asker, wait, sendsProgress: sendsProgress, by: origin, &turn) {
                .rollback($0)
            }
        case .rollbackTo(let id):
            rollBack(to: id, asker, wait, sendsProgress: sendsProgress, by: origin, &turn)
        case .restart:
            ask("restart", asker, wait, sendsProgress: sendsProgress, by: origin, &turn) {
                .restart($0)
            }
        case .drain(let generation, let timeout, let keep):
            // Who says only how many may be left means no other time.
            let time = timeout ?? (keep == nil ? Self.forever : nil)
            ask("drain", asker, .flip, sendsProgress: false, &turn) {
                .changeDrain($0, generation, within: time, keep: keep)
            }
        case .stop(let timeout):
            let drains = timeout.map { $0 > .zero } ?? settings.drains
            if let timeout, drains { limitDrain(to: timeout, &turn) }
            ask("stop", asker, .drained, sendsProgress: sendsProgress, &turn) {
                .stop($0, drain: drains)
            }
        }
    }

    private static let forever = Duration.seconds(100 * 365 * 86_400)

    private static let noRelease =
        "the command of the settings has no {release} that a folder could be put in: name one, relevo upgrade "
        + "--release FOLDER -- {release}/server"

    private mutating func upgrade(
        _ command: [String]?, _ workers: Int?, _ trying: Trying, _ asker: AskerID?,
        _ wait: Wait, sendsProgress: Bool, by origin: Origin, _ turn: inout ServiceTurn
    ) {
        if let command, command.first?.isEmpty ?? true {
            return turn.emit(asker.map { .tell($0, .invalidParameter("command")) })
        }
        if command == nil, workers == nil, trying.isNone,
            upgradeToParked(asker, wait, sendsProgress: sendsProgress, &turn)
        {
            return
        }
        var launch: Launch?
        if let present = machine.launch, command != nil || workers != nil {
            launch = Launch(
                command: command ?? present.command, workers: workers ?? present.workers,
                group: command == nil ? present.group : nil)
        }
        upgrade(
            to: launch, by: trying, asker, wait, sendsProgress: sendsProgress, by: origin, &turn)
    }

    /// How a new generation is tried before, after or instead of its flip.
    struct Trying {
        var canary: CanaryPlan?
        var watch: WatchPlan?
        var dryRun: DryRun?

        var isNone: Bool { canary == nil && watch == nil && dryRun == nil }
    }

    /// Asks for an upgrade; nil is what is current.
    mutating func upgrade(
        to launch: Launch?, by trying: Trying = Trying(), _ asker: AskerID?, _ wait: Wait,
        sendsProgress: Bool, by origin: Origin = Origin(), _ turn: inout ServiceTurn
    ) {
        if let workers = launch?.workers, let obstacle = settings.obstacle(toWorkers: workers) {
            turn.emit(.announce(.note(.error, "no upgrade: \(obstacle)", nil)))
            turn.emit(asker.map { .tell($0, .refused(obstacle)) })
            return
        }
        let id = ask("upgrade", asker, wait, sendsProgress: sendsProgress, by: origin, &turn) {
            .upgrade(
                $0, launch, canary: trying.canary, watch: trying.watch, dryRun: trying.dryRun)
        }
        if launch != nil, trying.dryRun == nil,
            machine.handovers.contains(where: { $0.request == id })
        {
            following.isOutdated()
        }
    }

    /// Hands a request to the machine at once and keeps who waits for its answer.
    @discardableResult
    mutating func ask(
        _ what: String, _ asker: AskerID?, _ wait: Wait, sendsProgress: Bool,
        by origin: Origin = Origin(), _ turn: inout ServiceTurn, event: (RequestID) -> Event
    ) -> RequestID {
        let id = requests.add(
            PendingRequest(
                asker: asker, wait: wait, sendsProgress: sendsProgress, what: what,
                began: turn.now, from: origin))
        for effect in machine.handle(event(id), at: turn.now) { bringAbout(effect, &turn) }
        turn.emit(requests.release(id))
        return id
    }

    private mutating func limitDrain(to time: Duration, _ turn: inout ServiceTurn) {
        var policy = machine.policy
        policy.drainTimeout = time
        policy.stopDrainTimeout = time
        change(policy, &turn)
    }

    mutating func change(_ policy: Policy, _ turn: inout ServiceTurn) {
        for effect in machine.handle(.changePolicy(policy), at: turn.now) {
            bringAbout(effect, &turn)
        }
    }

    // MARK: Settings to follow

    /// SIGHUP is an upgrade, with the command and number of workers that the settings have now.
    mutating func hangUp(_ launch: Launch?, _ turn: inout ServiceTurn) {
        turn.emit(.announce(.note(.notice, "SIGHUP: upgrade", nil)))
        upgrade(to: launch, nil, .none, sendsProgress: false, &turn)
    }

    /// Asks for what the settings name, or for the program that a restart is to bring, once, after the handover
    /// that was in the way.
    mutating func followSettings(_ turn: inout ServiceTurn) {
        let isIdle = machine.handovers.isEmpty && machine.current != nil
        guard
            let launch = following.take(wantedLaunch, present: machine.launch, isIdle: isIdle)
        else {
            if isIdle { renewProgram(&turn) }
            return
        }
        // It runs what is on disk now, too.
        (outdated, isRestarting) = (nil, false)
        turn.emit(
            .announce(
                .note(
                    .notice, "the settings name another command or number of workers: upgrade",
                    nil)))
        upgrade(to: launch, nil, .none, sendsProgress: false, &turn)
    }

    /// A package that brings another version of the server restarts its unit: that is to be the upgrade.
    private mutating func renewProgram(_ turn: inout ServiceTurn) {
        guard let (generation, words) = outdated else { return }
        (outdated, isRestarting) = (nil, false)
        guard generation == machine.current else { return }
        turn.emit(.announce(.note(.notice, "started again, and \(words): upgrade", nil)))
        upgrade(to: nil, nil, .none, sendsProgress: false, &turn)
    }

    // MARK: Stop

    /// A stop signal: the first one drains, the second one does not.
    mutating func stop(_ purpose: StopPurpose, _ turn: inout ServiceTurn) {
        switch machine.service {
        case .stopping:
            turn.emit(.announce(.note(.notice, "second signal: stop at once", nil)))
            turn.submit(.stop(nil, drain: false))
        case .idle, .running, .ended:
            switch purpose {
            case .restart where holdsLifeLine:
                turn.emit(
                    .announce(
                        .note(
                            .notice, "ends to be started again; the workers serve on meanwhile",
                            nil)))
                isRestarting = true
                turn.emit(.leave)
            case .shutdown(let limit): shutDown(within: limit, &turn)
            case .stop, .restart:
                turn.emit(
                    .announce(
                        .note(
                            .notice,
                            settings.drains
                                ? "stop: draining first\(stopLimit); the same signal again stops at once"
                                : "stop", nil)))
                turn.submit(.stop(nil, drain: settings.drains))
            }
        }
    }

    /// How long the drain of a stop may take, in words.
    var stopLimit: String {
        machine.policy.drainTimeoutAtStop.map { ", for \($0) at most (StopDrainTimeout=)" } ?? ""
    }

    /// A shutdown of the whole system does not wait for flows to end as long as a stop does: the
    /// drain is over in time for the workers to end before the manager's limit.
    private mutating func shutDown(within allowed: Duration, _ turn: inout ServiceTurn) {
        isShuttingDown = true
        let limit = max(.zero, allowed - settings.linger - settings.stopTimeout - .seconds(5))
        let drains = settings.drains && limit > .zero
        turn.emit(
            .announce(
                .note(
                    .notice,
                    "the system shuts down: stop\(drains ? ", draining for \(limit) at most" : "")",
                    nil)))
        let isShort = machine.policy.drainTimeoutAtStop.map { $0 <= limit } ?? false
        if !isShort { limitDrain(to: limit, &turn) }
        turn.submit(.stop(nil, drain: drains))
        guard !isShort else { return }
        settle(&turn)
        ask("drain", nil, .flip, sendsProgress: false, &turn) {
            .changeDrain($0, nil, within: limit)
        }
    }
}

extension ServiceSettings {
    /// Whether a stop lets flows end first.
    package var drains: Bool { drainTimeout != .after(.zero) && stopDrainTimeout != .after(.zero) }
}

extension ListenerSettings {
    /// How workers know its sockets.
    package var socketName: String { name ?? "\(address.port)" }
}
