/// What a client of the control socket asks for.
package enum ControlRequest: Equatable, Sendable {
    case getInfo
    case getInterfaceDescription(interface: String)
    case getStatus
    /// One handover, or nil for all that are remembered.
    case getHistory(number: Int?)
    /// nil stands for the current command and the current number of workers.
    /// With a release, the command of the settings with that folder in it.
    case upgrade(
        command: [String]?, workers: Int?, wait: Wait, message: String? = nil,
        release: String? = nil, canary: CanarySteps? = nil, watch: WatchWanted? = nil,
        dryRun: DryRunWanted? = nil)
    /// The next step of a canary, or all of the new flows at once; or the end of a watch. Refused where the
    /// generation or the step is another one by then: steps count from 1, and 0 is a watch.
    case promote(full: Bool, generation: Int? = nil, step: Int? = nil)
    /// A canary stays in its step.
    case hold
    /// A canary gives its share of the new flows back.
    case abort
    /// To the generation before, or to the one of this number.
    case rollback(wait: Wait, message: String? = nil, to: Int? = nil)
    case restart(wait: Wait, message: String? = nil)
    /// Sets the drain deadline, from now, of one generation or of all that drain; nil for none, or for the one that
    /// is where it is said with how many sessions left the drain may end.
    case drain(generation: Int?, timeout: Duration?, keep: Int? = nil)
    /// nil stands for the service's own drain timeout.
    case stop(drainTimeout: Duration?)
    case reexec
    case events
    /// Where datagrams would go if they came now.
    case explain([DatagramQuestion])
    /// How the settings file differs from what runs.
    case compareSettings
    /// Who has sessions.
    case flows(FlowsQuestion)
    /// Forgets a flow.
    case endFlow(FlowQuestion)
    /// Hands a flow to the current generation.
    case moveFlow(FlowQuestion)

    /// What it is for, as who asks says it.
    package var message: String? {
        switch self {
        case .upgrade(_, _, _, let message, _, _, _, _), .rollback(_, let message, _),
            .restart(_, let message):
            message
        case .getInfo, .getInterfaceDescription, .getStatus, .getHistory, .promote, .hold, .abort,
            .drain, .stop, .reexec, .events, .explain, .compareSettings, .flows, .endFlow,
            .moveFlow:
            nil
        }
    }
}
