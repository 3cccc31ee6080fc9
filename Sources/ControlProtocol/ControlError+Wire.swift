extension ControlError: CustomStringConvertible {
    /// The name on the wire.
    package var name: String {
        switch self {
        case .interfaceNotFound: "\(Interfaces.service).InterfaceNotFound"
        case .methodNotFound: "\(Interfaces.service).MethodNotFound"
        case .methodNotImplemented: "\(Interfaces.service).MethodNotImplemented"
        case .invalidParameter: "\(Interfaces.service).InvalidParameter"
        case .expectedMore: "\(Interfaces.service).ExpectedMore"
        case .permissionDenied: "\(Interfaces.service).PermissionDenied"
        case .notPermitted: "\(Interfaces.supervisor).NotPermitted"
        case .upgradeFailed: "\(Interfaces.supervisor).UpgradeFailed"
        case .handoverInProgress: "\(Interfaces.supervisor).HandoverInProgress"
        case .nothingToRollBackTo: "\(Interfaces.supervisor).NothingToRollBackTo"
        case .refused: "\(Interfaces.supervisor).Refused"
        case .shuttingDown: "\(Interfaces.supervisor).ShuttingDown"
        case .unknown(let name): name
        }
    }

    var parameters: ErrorParameters {
        switch self {
        case .interfaceNotFound(let name): ErrorParameters(interface: name)
        case .methodNotFound(let name), .methodNotImplemented(let name):
            ErrorParameters(method: name)
        case .invalidParameter(let name): ErrorParameters(parameter: name)
        case .upgradeFailed(let reason, let output, let handover):
            ErrorParameters(reason: reason, output: output, handover: handover)
        case .handoverInProgress(let reason), .refused(let reason), .notPermitted(let reason):
            ErrorParameters(reason: reason)
        case .expectedMore, .permissionDenied, .nothingToRollBackTo, .shuttingDown, .unknown:
            ErrorParameters()
        }
    }

    init(name: String, parameters: ErrorParameters) {
        let reason = parameters.reason ?? "no reason given"
        let known: [ControlError] = [
            .interfaceNotFound(parameters.interface ?? ""),
            .methodNotFound(parameters.method ?? ""),
            .methodNotImplemented(parameters.method ?? ""),
            .invalidParameter(parameters.parameter ?? ""),
            .expectedMore, .permissionDenied, .notPermitted(reason: reason),
            .upgradeFailed(
                reason: reason, output: parameters.output ?? [], handover: parameters.handover),
            .handoverInProgress(reason: reason), .nothingToRollBackTo, .refused(reason: reason),
            .shuttingDown,
        ]
        self = known.first { $0.name == name } ?? .unknown(name: name)
    }

    /// One line for people.
    package var description: String {
        switch self {
        case .interfaceNotFound(let name): "the supervisor has no interface \(name)"
        case .methodNotFound(let name): "the supervisor does not know \(name); is it older?"
        case .methodNotImplemented(let name): "the supervisor does not offer \(name) yet"
        case .invalidParameter(let name): "the supervisor refused the parameter '\(name)'"
        case .expectedMore: "the method needs 'more' in its call"
        case .permissionDenied:
            "permission denied (only the owner, root and members of --control-group)"
        case .upgradeFailed(let reason, _, _): reason
        case .notPermitted(let reason): reason
        case .handoverInProgress(let reason): reason
        case .nothingToRollBackTo: "there is no earlier generation to roll back to"
        case .refused(let reason): reason
        case .shuttingDown: "the service is being stopped"
        case .unknown(let name): "the supervisor answered with the unknown error \(name)"
        }
    }
}

/// The parameters of every error, each using its own few.
struct ErrorParameters: Codable {
    var interface: String?
    var method: String?
    var parameter: String?
    var reason: String?
    var output: [String]?
    var handover: Int?
}
