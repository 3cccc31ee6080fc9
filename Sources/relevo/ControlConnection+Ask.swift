import ControlProtocol

extension ControlConnection {
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
