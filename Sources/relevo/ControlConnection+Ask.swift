import ControlProtocol

extension ControlConnection {
    /// Where the service stands.
    func status() throws(Failure) -> ServiceStatus {
        try send(ControlCall(.getStatus))
        return try reply(as: StatusReply.self, within: .seconds(10)).parameters.status
    }

    /// What a request comes to that names what is meant, where the supervisor is older and does not know how to be told.
    func understood(_ request: ControlRequest) throws(Failure) -> ControlRequest {
        // All others are asked at once, also of one that stands still.
        guard request.asked(ofSupervisorWith: "") != request else { return request }
        try send(ControlCall(.getInterfaceDescription(interface: Interfaces.supervisor)))
        let text = try reply(as: DescriptionReply.self, within: .seconds(10)).parameters
        return request.asked(ofSupervisorWith: text.description)
    }

    /// Asks for something that is done at once.
    func ask(_ request: ControlRequest, _ output: JSONOption) throws(Failure) {
        try send(ControlCall(request))
        let frame = try frame(within: .seconds(10))
        output.give(answer: frame)
        do throws(AnswerFault) {
            _ = try ControlAnswer<DoneReply>.decode(frame)
        } catch {
            throw Failure(error)
        }
    }
}

extension ControlRequest {
    /// A promotion of what this generation is in: a step of a canary, or a watch.
    static func promote(full: Bool, of generation: GenerationStatus) -> ControlRequest {
        .promote(full: full, generation: generation.id, step: generation.canary?.step ?? 0)
    }
}
