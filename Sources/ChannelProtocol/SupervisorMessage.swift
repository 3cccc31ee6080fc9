/// What the supervisor says over a worker's channel.
package enum SupervisorMessage: Equatable, Sendable {
    case welcome(Welcome)
    case ok
    case error(ChannelErrorCode, reason: String)
    /// nil is a drain without a deadline.
    case drain(Deadline?)
    case resume
    case stop(millisecondsLeft: Int)
    case stored(names: [String], isLast: Bool)
    case link(LinkEnd)

    /// Who the worker is, and some of what it gets: more may be in further packets.
    package struct Welcome: Equatable, Sendable {
        package var version: Int
        package var service: String
        package var generation: Int
        package var worker: Int
        /// Of the generation.
        package var workers: Int
        package var sockets: [WelcomeSocket] = []
        package var stored: [String] = []
        package var isLast = true

        package init(
            version: Int, service: String, generation: Int, worker: Int, workers: Int
        ) {
            self.version = version
            self.service = service
            self.generation = generation
            self.worker = worker
            self.workers = workers
        }
    }

    /// When a drain is cut.
    package struct Deadline: Equatable, Sendable {
        /// On CLOCK_BOOTTIME.
        package var milliseconds: Int
        package var millisecondsLeft: Int

        package init(milliseconds: Int, millisecondsLeft: Int) {
            self.milliseconds = milliseconds
            self.millisecondsLeft = millisecondsLeft
        }
    }

    /// One end of a link, and who has the other.
    package struct LinkEnd: Equatable, Sendable {
        package enum Role: String, Sendable {
            case asked, offered
        }

        package var role: Role
        package var generation: Int
        package var worker: Int
        package var label: String?

        package init(role: Role, generation: Int, worker: Int, label: String?) {
            self.role = role
            self.generation = generation
            self.worker = worker
            self.label = label
        }
    }
}
