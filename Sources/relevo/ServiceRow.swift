import ControlClient
import ControlProtocol
import Kernel

/// One service in a list, as it is or as far as it can be told.
struct ServiceRow: Encodable {
    let name: String
    /// The supervisor's; nil where that is gone, or does not answer.
    var pid: Int?
    var version: String?
    var current: Int?
    /// In words.
    let state: String
    /// healthy, degraded or down, as status --check tells by its exit code; nil where nobody knows.
    var health: String?
    /// Seconds since the current generation began; nil where that is not known.
    var age: Double?
    /// Addresses.
    var listeners: [String] = []
    /// Live flows, and what generations that drain have besides; nil where nobody tells.
    var sessions: Int?
    /// Datagrams dropped since the supervisor's start.
    var drops: Int?
    /// The control socket's path.
    let control: String
    /// The keeper's number, where the supervisor is gone and it is not.
    var keeper: Int?
    /// The numbers of the workers that serve on then.
    var workers: [Int]?

    /// What was found at a control socket; nil where no service is, or none that may be asked.
    ///
    /// - Parameter now: since 1970.
    init?(_ look: ServiceLook, at now: Duration) {
        control = look.path
        switch look.answer {
        case .success(let status):
            name = status.name
            pid = status.pid
            version = status.version
            current = status.current
            state = status.summary
            health = ServiceHealth(status).name
            age = Self.age(status, at: now)
            listeners = status.listeners.map(\.address)
            sessions = status.generations.reduce(0) { $0 + $1.flows + ($1.outside?.total ?? 0) }
            drops = status.listeners.reduce(0) { $0 + $1.counters.drops }
        case .failure(.silent):
            name = look.name
            state = "its supervisor does not answer"
        case .failure(.malformed):
            name = look.name
            state = "its supervisor's answer is not understood"
        case .failure(.denied): return nil
        case .failure(.gone):
            guard let left = LeftService(ofControl: look.path) else { return nil }
            name = left.name
            state = left.state
            keeper = left.keeper.map { Int($0) }
            workers = left.workers.map { Int($0) }
        }
    }

    private static func age(_ status: ServiceStatus, at now: Duration) -> Double? {
        guard let began = status.currentGeneration?.origin?.at.flatMap(Timestamp.read) else {
            return nil
        }
        let (seconds, attoseconds) = (now - began).components
        // A clock that was set back says nothing.
        return seconds < 0 ? nil : Double(seconds) + Double(attoseconds) / 1e18
    }

    /// A table for people.
    static func table(_ rows: [ServiceRow]) -> Table {
        var table = Table(
            ("NAME", .left), ("PID", .right), ("CURRENT", .right), ("AGE", .right),
            ("HEALTH", .left), ("SESSIONS", .right), ("DROPS", .right), ("LISTENERS", .left),
            ("STATE", .left))
        table.lesser = ["PID", "LISTENERS", "AGE"]
        table.colour = { header, cell in
            switch header {
            case "HEALTH":
                [ServiceHealth.healthy, .degraded, .down].first { $0.name == cell }?.style
            case "DROPS": cell == "0" || cell == "-" ? nil : .red
            default: nil
            }
        }
        for row in rows {
            func text(_ number: Int?) -> String { number.map { "\($0)" } ?? "-" }
            let first = row.listeners.first ?? "-"
            let more = row.listeners.count > 1 ? " +\(row.listeners.count - 1)" : ""
            table.add(
                row.name, text(row.pid), text(row.current), row.age.map(TimeText.coarse) ?? "-",
                row.health ?? "-", text(row.sessions), text(row.drops),
                first + more, row.state)
        }
        return table
    }
}

extension ServiceHealth {
    /// The word for it.
    var name: String { "\(self)" }
}
