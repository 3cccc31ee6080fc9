/// The interfaces that are served, in Varlink's own language.
package enum InterfaceDescription {
    /// The description of an interface, or nil where it is not served.
    package static func text(of interface: String) -> String? {
        switch interface {
        case Interfaces.service: service
        case Interfaces.supervisor: supervisor
        default: nil
        }
    }

    /// That of everything but what every Varlink service has.
    package static var ofSupervisor: String { supervisor }

    private static let service = """
        # The interface that every Varlink service has.
        interface org.varlink.service

        # Who serves here, and with which interfaces.
        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        # The description of one interface.
        method GetInterfaceDescription(interface: string) -> (description: string)

        error InterfaceNotFound (interface: string)
        error MethodNotFound (method: string)
        error MethodNotImplemented (method: string)
        error InvalidParameter (parameter: string)
        error PermissionDenied ()
        error ExpectedMore ()

        """
}

extension InterfaceDescription {
    /// Whether a described interface has a method or a type with a parameter of that name. What a supervisor does
    /// not know of it lets pass, as Varlink wants it: who relies on it asks before.
    ///
    /// - Parameter declaration: how it begins, such as "method Upgrade(" or "type Canary (".
    package static func has(
        _ parameter: String, of declaration: String, in text: String
    ) -> Bool {
        guard let begin = text.firstRange(of: declaration) else { return false }
        let rest = text[begin.upperBound...]
        guard let end = rest.firstRange(of: ")") else { return false }
        return rest[..<end.lowerBound].split(separator: ",").contains { part in
            part.drop(while: \.isWhitespace).hasPrefix("\(parameter):")
        }
    }
}

extension ControlRequest {
    /// The parameter that an older supervisor would let pass, and do something else.
    package var decisive: (declaration: String, parameter: String)? {
        switch self {
        case .upgrade(_, _, _, _, _, _, _, _?): ("method Upgrade(", "dryRun")
        case .upgrade(_, _, _, _, _, _, _?, nil): ("method Upgrade(", "watch")
        case .upgrade(_, _, _, _, _, let steps?, nil, nil): decisive(of: steps)
        case .upgrade(_, _, _, _, _?, nil, nil, nil): ("method Upgrade(", "release")
        case .rollback(_, _, _?): ("method Rollback(", "to")
        case .drain(_, _, _?): ("method Drain(", "keep")
        case .getInfo, .getInterfaceDescription, .getStatus, .getHistory, .upgrade, .promote, .hold,
            .abort, .rollback, .restart, .drain, .stop, .reexec, .events, .explain,
            .compareSettings, .flows,
            .endFlow, .moveFlow:
            nil
        }
    }

    /// The same request for a supervisor of this description, without what it does not know and would let pass
    /// with no harm.
    package func asked(ofSupervisorWith description: String) -> ControlRequest {
        guard case .promote(let full, _, _) = self,
            !InterfaceDescription.has("step", of: "method Promote(", in: description)
        else { return self }
        return .promote(full: full)
    }

    private func decisive(of steps: CanarySteps) -> (declaration: String, parameter: String) {
        if steps.networks != nil { return ("type CanarySteps (", "networks") }
        return steps.drops == nil ? ("method Upgrade(", "canary") : ("type CanarySteps (", "drops")
    }
}
