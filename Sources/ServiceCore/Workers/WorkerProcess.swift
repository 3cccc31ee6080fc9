package import HandoverCore

/// What is known of one worker's process.
package struct WorkerProcess: Equatable, Sendable {
    /// How far it has come.
    package enum Life: Hashable, Codable, Sendable {
        /// Its slots are made fit for it first.
        case renewing
        /// The keeper has been asked for it.
        case asked
        /// Its index is open for a process that joins.
        case open
        case running(pid: Int32)
    }

    package internal(set) var life: Life
    package internal(set) var startedAt: Instant
    /// Whether somebody else started it.
    package internal(set) var isJoined = false
    /// Whether its calls of bind(2) are answered here.
    package internal(set) var answersBinds = false
    package internal(set) var readiness: Readiness?
    /// Whether it was told to drain, and not to serve on since.
    package internal(set) var isDraining = false
    /// The deadline that it was told of last.
    var toldDeadline: Instant?
    /// The version of the channel that it speaks; nil before HELLO.
    package internal(set) var channelVersion: Int?
    /// What it said last with STATUS=.
    package internal(set) var statusText: String?
    /// Until when it must say WATCHDOG=1.
    var watchdogAt: Instant?
    /// Once that has passed: for how many pieces of time what it may have said is still listened to.
    var graceLeft: Int?
    /// What it has bound that is no listener's.
    package internal(set) var foreignBinds: [String] = []
    var linkAllowance = LinkAllowance()
    /// Whether a second keeper was asked for it, as the first has died.
    var wasAskedAgain = false
    /// Duties that wait until its process is there.
    var waiting: [Duty] = []

    init(_ life: Life, at now: Instant) {
        self.life = life
        startedAt = now
    }

    package var pid: Int32? {
        switch life {
        case .running(let pid): pid
        case .renewing, .asked, .open: nil
        }
    }

    /// Whether there is a process that can be told something.
    package var isRunning: Bool {
        switch life {
        case .running: true
        case .renewing, .asked, .open: false
        }
    }
}
