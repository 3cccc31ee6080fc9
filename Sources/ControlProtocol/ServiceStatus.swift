/// What `GetStatus` answers and `relevo status --json` prints; fields may be added.
package struct ServiceStatus: Codable, Equatable, Sendable {
    package var name: String
    /// The supervisor's own.
    package var pid: Int
    /// The supervisor's own.
    package var version: String
    /// The current generation; nil before the first is ready.
    package var current: Int?
    package var listeners: [ListenerStatus]
    package var generations: [GenerationStatus]
    /// The handover under way, if any.
    package var handover: HandoverStatus?
    package var lastHandover: HandoverSummary?
    /// What its settings file says otherwise since its supervisor has read it, and no upgrade brings: keys,
    /// and addresses of listeners; nil where the supervisor is older.
    package var changedSettings: [String]?
    /// Tables of flows; nil where the supervisor is older.
    package var tables: [TableStatus]?
    /// Since the supervisor's start; nil where it is older.
    package var tally: ServiceTally?
    /// What the supervisor itself takes; nil where it is older.
    package var supervisor: SupervisorStatus?

    package init(
        name: String, pid: Int, version: String = RelevoVersion.current, current: Int?,
        listeners: [ListenerStatus], generations: [GenerationStatus],
        handover: HandoverStatus? = nil, lastHandover: HandoverSummary? = nil,
        changedSettings: [String]? = nil, tables: [TableStatus]? = nil, tally: ServiceTally? = nil,
        supervisor: SupervisorStatus? = nil
    ) {
        self.name = name
        self.pid = pid
        self.version = version
        self.current = current
        self.listeners = listeners
        self.generations = generations
        self.handover = handover
        self.lastHandover = lastHandover
        self.changedSettings = changedSettings
        self.tables = tables
        self.tally = tally
        self.supervisor = supervisor
    }
}
