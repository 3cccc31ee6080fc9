/// What the supervisor sends back.
package enum ControlReply: Equatable, Sendable {
    case info
    /// The text of an interface that is served, see `InterfaceDescription.text(of:)`.
    case interfaceDescription(String)
    case status(ServiceStatus)
    case history(HistoryReply)
    case explanations(ExplainReply)
    case settings(SettingsReply)
    case flows(FlowsReply)
    case flowChange(FlowChangeReply)
    case operation(OperationReply)
    case event(ServiceEvent)
    /// Nothing but that it is done.
    case done
    case error(ControlError)

    /// The reply to what needs no state, or nil for what the supervisor itself must answer.
    package init?(answering request: ControlRequest) {
        switch request {
        case .getInfo: self = .info
        case .getInterfaceDescription(let interface):
            if let text = InterfaceDescription.text(of: interface) {
                self = .interfaceDescription(text)
            } else {
                self = .error(.interfaceNotFound(interface))
            }
        case .getStatus, .getHistory, .upgrade, .promote, .hold, .abort, .rollback, .restart,
            .drain, .stop, .reexec, .events, .explain, .compareSettings, .flows, .endFlow,
            .moveFlow:
            return nil
        }
    }

    /// The frame to send, NUL included; `continues` where another reply follows.
    package func frame(continues: Bool = false) -> [UInt8] {
        switch self {
        case .info: encode(ServiceInfo(), continues)
        case .interfaceDescription(let text): encode(["description": text], continues)
        case .status(let status): encode(["status": status], continues)
        case .history(let reply): encode(reply, continues, nulls: false)
        case .explanations(let reply): encode(reply, continues, nulls: false)
        case .settings(let reply): encode(reply, continues, nulls: false)
        case .flows(let reply): encode(reply, continues, nulls: false)
        case .flowChange(let reply): encode(reply, continues, nulls: false)
        case .operation(let reply): encode(reply, continues, nulls: false)
        case .event(let event): encode(["event": event], continues, nulls: false)
        case .done: encode(NoParameters(), continues)
        case .error(let error):
            OrderedJSON.frame(
                WholeReply(error: error.name, parameters: error.parameters),
                nulls: false)
        }
    }

    private func encode(
        _ parameters: some Encodable, _ continues: Bool, nulls: Bool = true
    ) -> [UInt8] {
        OrderedJSON.frame(WholeReply(parameters: parameters, continues: continues), nulls: nulls)
    }
}

private struct WholeReply<Parameters: Encodable>: Encodable {
    var error: String?
    let parameters: Parameters
    var continues = false

    private enum Key: CodingKey { case error, parameters, continues }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        if let error { try object.encode(error, forKey: .error) }
        try object.encode(parameters, forKey: .parameters)
        if continues { try object.encode(true, forKey: .continues) }
    }
}

private struct ServiceInfo: Encodable {
    let vendor = "Relevo"
    let product = "relevod"
    let version = RelevoVersion.current
    let url = ""
    let interfaces = [Interfaces.service, Interfaces.supervisor]
}
