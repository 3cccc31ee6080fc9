import FoundationEssentials

/// One reply as the client sees it.
package struct ControlAnswer<Parameters: Decodable> {
    package let parameters: Parameters
    /// Whether another reply follows.
    package let continues: Bool

    /// Reads one frame; fields that nobody knows are let pass.
    package static func decode(_ frame: [UInt8]) throws(AnswerFault) -> ControlAnswer {
        let data = Data(frame)
        let decoder = JSONDecoder()
        let envelope: ReplyEnvelope
        do {
            envelope = try decoder.decode(ReplyEnvelope.self, from: data)
        } catch {
            throw AnswerFault.malformed
        }
        if let name = envelope.error {
            let carrier = try? decoder.decode(ReplyCarrier<ErrorParameters>.self, from: data)
            let parameters = carrier?.parameters ?? ErrorParameters()
            throw AnswerFault.error(ControlError(name: name, parameters: parameters))
        }
        do {
            let parameters =
                try decoder.decode(ReplyCarrier<Parameters>.self, from: data).parameters
                ?? decoder.decode(Parameters.self, from: Data("{}".utf8))
            return ControlAnswer(parameters: parameters, continues: envelope.continues ?? false)
        } catch {
            throw AnswerFault.malformed
        }
    }
}

extension ControlAnswer: Sendable where Parameters: Sendable {}

private struct ReplyEnvelope: Decodable {
    let error: String?
    let continues: Bool?
}

private struct ReplyCarrier<Parameters: Decodable>: Decodable {
    let parameters: Parameters?
}
