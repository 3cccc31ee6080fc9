import ChannelProtocol
import Kernel
import Settings

/// A worker's place in a service, from the first try to the end of its server.
final class Membership {
    private enum Phase {
        /// The supervisor has not answered yet.
        case waiting
        /// Its welcome is coming.
        case greeted(Welcome)
        case serving(JoinedServer)
        /// With this exit code.
        case over(Int32)
    }

    private static let pause = Duration.milliseconds(200)
    private static let leaveRequest: UInt64 = 2
    private static let readyRequest: UInt64 = 3
    /// How long a server may take to end where no supervisor says it.
    private static let stopTimeout = Duration.seconds(10)
    private static let forwarded: [Int32] = ["HUP", "QUIT", "USR1", "USR2", "WINCH"].compactMap {
        (try? SignalName.parse($0))?.number
    }

    private let plan: JoinPlan
    private let loop: EventLoop
    private let signals: SignalDescriptor
    private let began = MonotonicClock.now()
    private var channel: ServiceChannel?
    private var phase = Phase.waiting
    private var hasAskedToLeave = false
    private var failure: Failure?
    private var kill: EventLoop.Token?

    init(_ plan: JoinPlan) throws(Failure) {
        self.plan = plan
        do throws(KernelError) {
            loop = try EventLoop()
            signals = try SignalDescriptor(
                for: [SignalNumber.terminate, SignalNumber.interrupt] + Self.forwarded)
        } catch {
            throw Failure(error)
        }
    }

    /// - Returns: the server's exit code.
    /// - Throws: why there was no server to run.
    func run() throws -> Int32 {
        let token = try loop.register(signals) { [unowned self] _ in
            while let received = try? signals.next() { take(received.signal) }
        }
        defer {
            loop.remove(token)
            removeReadyFile()
        }
        // One of a predecessor's, killed before it could.
        removeReadyFile()
        connect()
        while true {
            if let failure { throw failure }
            if case .over(let code) = phase { return code }
            try loop.runOnce()
        }
    }

    private func connect() {
        do throws(KernelError) {
            let channel = try ServiceChannel(to: plan.socket, in: loop)
            channel.heard = { [unowned self] packet, descriptors in take(packet, &descriptors) }
            channel.ended = { [unowned self] in channelEnded() }
            self.channel = channel
            let command = plan.command.joined(separator: " ")
            channel.say(
                .hello(
                    WorkerMessage.Hello(
                        version: ChannelLimits.newestVersion, group: plan.group,
                        workers: plan.workers,
                        command: String(command.prefix(ChannelLimits.longestText / 4)))), id: 1)
        } catch {
            let failure = Failure(error, otherwise: .unavailable)
            if error.isPermissionDenied { self.failure = failure } else { tryAgain(or: failure) }
        }
    }

    private func tryAgain(or failure: Failure) {
        if let timeout = plan.timeout, MonotonicClock.now() - began >= timeout {
            self.failure = failure
            return
        }
        _ = loop.schedule(at: MonotonicClock.now() + Self.pause) { [unowned self] in
            if case .waiting = phase { connect() }
        }
    }

    private func take(_ packet: SupervisorPacket, _ descriptors: inout DescriptorList) {
        switch packet.message {
        case .welcome(let part): welcome(part, &descriptors)
        case .error(let code, let reason): refused(code, reason, packet.id)
        case .drain:
            if let signal = plan.drainSignal { server?.signal(signal) }
        case .stop(let milliseconds): stop(within: .milliseconds(milliseconds))
        case .ok: if packet.id == Self.readyRequest { makeReadyFile() }
        case .resume, .stored, .link: break
        }
    }

    private func welcome(
        _ part: SupervisorMessage.Welcome, _ descriptors: inout DescriptorList
    ) {
        var welcome: Welcome
        switch phase {
        case .waiting: welcome = Welcome()
        case .greeted(let begun): welcome = begun
        // Said again by a supervisor that did not know whether it had been heard.
        case .serving, .over: return
        }
        guard welcome.add(part, &descriptors) else {
            failure = Failure(.failed, "the supervisor's welcome came without its sockets")
            return
        }
        phase = .greeted(welcome)
        guard part.isLast else { return }
        do {
            phase = .serving(
                try JoinedServer(
                    plan, welcome, in: loop,
                    ready: { [unowned self] unread in
                        channel?.say(.ready(unread: unread), id: Self.readyRequest)
                    },
                    exited: { [unowned self] in phase = .over($0.shellCode) }))
        } catch {
            channel?.say(.failed(reason: "\(error)"))
            failure = Failure(.failed, "\(error)")
        }
    }

    private func makeReadyFile() {
        guard let path = plan.readyFile else { return }
        do throws(KernelError) {
            try writeFile(path, [], mode: 0o644)
        } catch {
            Console.complain("relevo: --ready-file: \(error)")
        }
    }

    private func removeReadyFile() {
        if let path = plan.readyFile { _ = try? removeFile(path) }
    }

    private func refused(_ code: ChannelErrorCode, _ reason: String, _ id: UInt64?) {
        switch phase {
        case .waiting, .greeted:
            phase = .waiting
            // What comes after, its end at least, is not about this any more.
            channel?.close()
            let failure = Failure(code == .refused ? .permission : .failed, reason)
            // A place may come up, a handover end.
            if code == .busy { tryAgain(or: failure) } else { self.failure = failure }
        case .serving:
            if id == Self.leaveRequest { stop(within: Self.stopTimeout) }
        case .over: break
        }
    }

    private func channelEnded() {
        switch phase {
        case .waiting, .greeted:
            phase = .waiting
            tryAgain(or: Failure(.unavailable, "the supervisor has ended the connection"))
        case .serving: stop(within: Self.stopTimeout)
        case .over: break
        }
        channel = nil
    }

    private func take(_ signal: Int32) {
        guard let server else {
            phase = .over(128 + signal)
            return
        }
        guard signal == SignalNumber.terminate || signal == SignalNumber.interrupt else {
            return server.signal(signal)
        }
        if hasAskedToLeave || channel == nil { return stop(within: Self.stopTimeout) }
        hasAskedToLeave = true
        channel?.say(.leave, id: Self.leaveRequest)
    }

    private var server: JoinedServer? {
        switch phase {
        case .serving(let server): server
        case .waiting, .greeted, .over: nil
        }
    }

    /// Ends the server, by force if it does not end by then.
    private func stop(within limit: Duration) {
        guard let server else { return }
        server.signal(plan.stopSignal)
        if let kill { loop.remove(kill) }
        kill = loop.schedule(at: MonotonicClock.now() + limit) { [unowned self] in
            self.server?.kill()
        }
    }
}

extension ProcessExit {
    /// As a shell would tell it.
    fileprivate var shellCode: Int32 {
        switch self {
        case .code(let code): code
        case .signal(let signal, _): 128 + signal
        }
    }
}
