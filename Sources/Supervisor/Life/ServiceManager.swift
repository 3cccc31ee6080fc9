import Kernel

/// The service manager that started the supervisor, told how it goes (sd_notify(3)).
final class ServiceManager {
    private let address: UnixAddress?
    private let loop: EventLoop
    private var lastStatus = ""
    private var isReady = false
    private var watchdog: EventLoop.Token?

    init(in loop: EventLoop) {
        self.loop = loop
        let path = Environment.value(of: "NOTIFY_SOCKET") ?? ""
        address = path.isEmpty ? nil : UnixAddress(path)
    }

    /// A line for `systemctl status`, sent when it has changed.
    func say(status: String) {
        guard status != lastStatus else { return }
        lastStatus = status
        send(["STATUS=\(status)"])
    }

    /// Said once, when the first generation serves.
    func sayReady() {
        guard !isReady else { return }
        isReady = true
        send(["READY=1"])
    }

    func sayStopping() { send(["STOPPING=1"]) }

    /// Tells that the loop still turns, as often as the manager wants to hear it.
    func feedWatchdog() {
        guard let text = Environment.value(of: "WATCHDOG_USEC"), let microseconds = Int64(text),
            microseconds > 0
        else { return }
        let meant = Environment.value(of: "WATCHDOG_PID").flatMap { Int32($0) }
        guard meant == nil || meant == ProcessIdentity.processID else { return }
        send(["WATCHDOG=1"])
        let next = MonotonicClock.now() + .microseconds(microseconds / 2)
        watchdog = loop.schedule(at: next) { [unowned self] in feedWatchdog() }
    }

    private func send(_ lines: [String]) {
        guard let address else { return }
        // A manager that does not listen has no say in whether traffic is served.
        _ = try? sendNotification(lines.joined(separator: "\n"), to: address)
    }
}
