package import Kernel

/// The service manager that started this process, told how it goes; silent where there is none.
package final class ServiceManager {
    /// How long the manager is asked to wait each time, and how soon it is asked again.
    private static let timeoutExtension = Duration.seconds(30)
    private static let extensionInterval = Duration.seconds(10)

    /// The way to it; nil where nobody wants to be told.
    package let channel: NotifyChannel?
    private let loop: EventLoop
    private let watchdogInterval: Duration?
    private var lastStatus = ""
    private var isReady = false
    private var isStopping = false
    private var watchdog: EventLoop.Token?
    private var moreTime: EventLoop.Token?

    package init(
        in loop: EventLoop, socket: String? = Environment.value(of: "NOTIFY_SOCKET")
    ) {
        self.loop = loop
        channel = NotifyChannel(in: loop, socket: socket)
        watchdogInterval = Self.watchdogInterval(
            Environment.value(of: "WATCHDOG_USEC"), for: Environment.value(of: "WATCHDOG_PID"))
    }

    /// Whether one waits to be told how it goes.
    package static var hasStartedUs: Bool {
        Environment.value(of: "NOTIFY_SOCKET").map { !$0.isEmpty } ?? false
    }

    deinit {
        for token in [watchdog, moreTime] { if let token { loop.remove(token) } }
    }

    /// A line for `systemctl status`, sent when it has changed.
    package func say(status: String) {
        guard status != lastStatus else { return }
        lastStatus = status
        channel?.send(["STATUS=\(status)"], kind: .status)
    }

    /// Said once, when the first generation serves.
    package func sayReady() {
        guard !isReady else { return }
        isReady = true
        stopAskingForTime()
        channel?.send(["READY=1"])
    }

    /// Said once, when the service begins to end; a stop may take longer than the unit allows
    /// (TimeoutStopSec=) where the service's own limits do.
    package func sayStopping() {
        guard !isStopping else { return }
        isStopping = true
        channel?.send(["STOPPING=1"])
    }

    /// Asks the manager to wait on, again and again, while the service starts or stops within its
    /// own limits.
    package func askForTime() {
        guard let channel, moreTime == nil else { return }
        channel.send(
            ["EXTEND_TIMEOUT_USEC=\(Self.timeoutExtension.components.seconds * 1_000_000)"],
            kind: .moreTime)
        moreTime = loop.schedule(at: MonotonicClock.now() + Self.extensionInterval) {
            [unowned self] in
            moreTime = nil
            askForTime()
        }
    }

    /// Leaves it to the manager again how long things may take.
    private func stopAskingForTime() {
        if let token = moreTime.take() { loop.remove(token) }
    }

    /// Tells that the loop still turns, as often as the manager wants to hear it.
    package func feedWatchdog() {
        guard let channel, let watchdogInterval else { return }
        channel.send(["WATCHDOG=1"], kind: .watchdog)
        let next = MonotonicClock.now() + watchdogInterval / 2
        watchdog = loop.schedule(at: next) { [unowned self] in feedWatchdog() }
    }

    /// How often this process is to be heard of; nil where nobody waits for it.
    private static func watchdogInterval(_ interval: String?, for process: String?) -> Duration? {
        guard let microseconds = interval.flatMap({ Int64($0) }), microseconds > 0 else {
            return nil
        }
        let meant = process.flatMap { Int32($0) }
        guard meant == nil || meant == ProcessIdentity.processID else { return nil }
        return .microseconds(microseconds)
    }
}
