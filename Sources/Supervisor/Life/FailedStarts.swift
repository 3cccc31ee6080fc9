import Kernel

/// Starts of one service that have failed one after the other, under a service manager that starts it again
/// at once: the next one waits, so that what explains the first is not lost among what repeats it.
struct FailedStarts: Equatable {
    /// A start that comes later than this after the one that failed was asked for by somebody.
    private static let atOnce: Duration = .seconds(2)
    private static let longestPause: Duration = .seconds(30)
    /// Of a file that is ours; more is somebody else's.
    private static let longestText = 4096

    private(set) var count = 0
    private(set) var reason = ""
    /// When the last one ended, as time since the system started.
    private(set) var end: Duration = .zero

    init() {}

    /// Out of the file's text; nil for what is no such text.
    init?(_ text: String) {
        let parts = text.split(separator: "\n", maxSplits: 2)
        guard parts.count == 3, let count = Int(parts[0]), count > 0, let end = Int64(parts[1])
        else { return nil }
        self.count = count
        self.end = .milliseconds(end)
        reason = String(parts[2])
    }

    var text: String {
        let milliseconds =
            end.components.seconds * 1000 + end.components.attoseconds / 1_000_000_000_000_000
        return "\(count)\n\(milliseconds)\n\(reason)"
    }

    /// Whether a start now is the service manager's answer to the one that has failed.
    func isFollowed(at now: Duration) -> Bool {
        count > 0 && end...(end + Self.atOnce) ~= now
    }

    /// How long the next one waits: a tenth of a second after the first, twice as long after each.
    var pause: Duration {
        guard count > 0 else { return .zero }
        return min(Self.longestPause, .milliseconds(100 << min(count - 1, 10)))
    }

    mutating func add(_ reason: String, at now: Duration) {
        count = count < 1_000_000 ? count + 1 : count
        self.reason = String(reason.prefix(Self.longestText / 8))
        end = now
    }
}

extension FailedStarts {
    /// Reads the file of the start that has failed a moment ago, and removes it. So a start does not wait if
    /// somebody has stopped the one before it during its wait.
    static func take(from path: String) -> FailedStarts {
        defer { _ = try? removeFile(path) }
        guard let bytes = try? readStart(of: path, atMost: longestText),
            let found = FailedStarts(String(decoding: bytes, as: UTF8.self)),
            found.isFollowed(at: MonotonicClock.sinceBoot())
        else { return FailedStarts() }
        return found
    }

    func write(to path: String) { try? writeFile(path, Array(text.utf8), mode: 0o600) }
}
