package import Kernel

/// What the service manager is told (sd_notify(3)), in the order in which it is said.
///
/// A manager that is slow to read holds nothing up: what does not go out at once waits for room.
package final class NotifyChannel {
    /// Of a kind that only tells the present, a newer message replaces one that still waits.
    enum Kind {
        case lasting
        case status
        case watchdog
        case moreTime
    }

    private final class Message {
        let kind: Kind
        let bytes: [UInt8]
        let descriptors: DescriptorList

        init(_ kind: Kind, _ lines: [String], _ descriptors: consuming DescriptorList) {
            self.kind = kind
            bytes = Array(lines.joined(separator: "\n").utf8)
            self.descriptors = descriptors
        }
    }

    /// How soon a manager that is not there, or takes no more descriptors, is tried again.
    private static let retryInterval = Duration.milliseconds(100)
    /// How often it is tried: for some seconds, in which a manager is back that replaces itself.
    private static let mostTries = 50

    private let address: UnixAddress
    private let loop: EventLoop
    private var sender: UnixDatagramSender?
    private var waiting: [Message] = []
    private var room: EventLoop.Token?
    private var retry: EventLoop.Token?
    private var failures = 0
    private var barriers: [Int: Barrier] = [:]
    private var lastBarrier = 0

    /// The channel to whoever started this process; nil when that wants to be told nothing.
    package init?(in loop: EventLoop, socket: String? = Environment.value(of: "NOTIFY_SOCKET")) {
        // Other forms, such as vsock for virtual machines, are not supported.
        guard let socket, socket.hasPrefix("/") || socket.hasPrefix("@") else { return nil }
        address = UnixAddress(socket)
        self.loop = loop
    }

    deinit {
        for token in [room, retry] { if let token { loop.remove(token) } }
    }

    /// Whether all that was said has gone out.
    package var isIdle: Bool { waiting.isEmpty }

    /// Tells something, in its turn.
    func send(
        _ lines: [String], kind: Kind = .lasting,
        descriptors: consuming DescriptorList = DescriptorList()
    ) {
        if kind != .lasting { waiting.removeAll { $0.kind == kind } }
        waiting.append(Message(kind, lines, descriptors))
        if room == nil, retry == nil { flush() }
    }

    /// Calls `done` once the manager has acted on all that was said before: with true, or with
    /// false when the time is over first.
    package func barrier(within limit: Duration, done: @escaping (Bool) -> Void) {
        lastBarrier += 1
        let number = lastBarrier
        do throws(KernelError) {
            var pipe = try Pipe()
            var descriptors = DescriptorList()
            descriptors.append(pipe.takeWriter())
            barriers[number] = try Barrier(pipe.takeReader(), in: loop, within: limit) {
                [unowned self] reached in
                barriers[number] = nil
                done(reached)
            }
            send(["BARRIER=1"], descriptors: descriptors)
        } catch {
            done(false)
        }
    }

    /// Blocks, at most so long, until the manager has acted on all that was said: for who ends now.
    ///
    /// - Returns: whether it has.
    package func settle(within limit: Duration) -> Bool {
        let deadline = MonotonicClock.now() + limit
        func left() -> Duration { max(.zero, deadline - MonotonicClock.now()) }
        do throws(KernelError) {
            var pipe = try Pipe()
            var descriptors = DescriptorList()
            descriptors.append(pipe.takeWriter())
            waiting.append(Message(.lasting, ["BARRIER=1"], descriptors))
            while try !sendWaiting() {
                if left() == .zero { return false }
                _ = try sender?.wait(for: .writable, within: left())
            }
            return try pipe.takeReader().wait(for: .readable, within: left())
        } catch {
            return false
        }
    }

    private func flush() {
        do throws(KernelError) {
            let isDone = try sendWaiting()
            failures = 0
            if isDone { return stopWaiting() }
            try waitForRoom()
        } catch {
            stopWaiting()
            sender = nil
            // What can never go must not keep back the rest.
            if error.isTooLong { waiting.removeFirst() }
            failures += 1
            if failures >= Self.mostTries {
                // Nobody is there, and what waits may hold descriptors.
                waiting = []
                failures = 0
                return
            }
            retry = loop.schedule(at: MonotonicClock.now() + Self.retryInterval) { [unowned self] in
                retry = nil
                flush()
            }
        }
    }

    /// Sends what waits; false when the manager's queue is full.
    private func sendWaiting() throws(KernelError) -> Bool {
        while let next = waiting.first {
            if sender == nil { sender = try UnixDatagramSender(to: address) }
            guard try sender?.send(next.bytes, descriptors: next.descriptors) ?? false else {
                return false
            }
            waiting.removeFirst()
        }
        return true
    }

    private func waitForRoom() throws(KernelError) {
        guard room == nil else { return }
        room = try sender?.watch(in: loop) { [unowned self] in flush() }
    }

    private func stopWaiting() {
        if let token = room.take() { loop.remove(token) }
    }
}

extension UnixDatagramSender {
    /// Calls the handler whenever the receiver has room.
    fileprivate borrowing func watch(
        in loop: EventLoop, _ handler: @escaping () -> Void
    ) throws(KernelError) -> EventLoop.Token {
        try loop.register(self, for: .writable) { _ in handler() }
    }
}
