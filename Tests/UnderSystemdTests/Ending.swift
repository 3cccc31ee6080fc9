import TestKit
import Testing

/// How a supervisor ends that is to be followed by another one.
enum Ending: CaseIterable {
    case killed
    case crashed
    case hung
    case terminated
    case restarted

    /// What the unit needs for it, in [Service].
    var settings: String { self == .hung ? "WatchdogSec=1s" : "" }
}

extension EchoUnit {
    /// Ends the supervisor and waits for the next one's process.
    func end(_ ending: Ending) throws {
        let before = try machine.mainProcess(of: Self.name)
        switch ending {
        case .killed: try signal("KILL")
        case .crashed: try signal("ABRT")
        case .hung: try signal("STOP")
        case .terminated: try signal("TERM")
        case .restarted: try systemctl("restart")
        }
        let isFollowed = try TestKit.eventually {
            let now = try machine.mainProcess(of: Self.name)
            return now != before && now != 0
        }
        #expect(isFollowed, "\(journal)")
    }

    /// Sends a signal to the supervisor alone.
    func signal(_ name: String) throws {
        try machine.systemctl("kill", "--kill-whom=main", "--signal=\(name)", Self.name)
    }
}
