import FoundationEssentials

extension ControlCall {
    /// Reads one frame; fields that nobody knows are let pass, as Varlink wants it.
    package static func decode(_ frame: [UInt8]) throws(ControlFault) -> ControlCall {
        let data = Data(frame)
        let envelope: CallEnvelope
        do {
            envelope = try JSONDecoder().decode(CallEnvelope.self, from: data)
        } catch {
            throw ControlFault.malformed("not a Varlink call")
        }
        let oneway = envelope.oneway ?? false
        do throws(ControlError) {
            if envelope.upgrade == true { throw ControlError.invalidParameter("upgrade") }
            let more = envelope.more ?? false
            let request = try ControlRequest.decode(method: envelope.method, data)
            if request == .events, !more { throw ControlError.expectedMore }
            return ControlCall(request, more: more, oneway: oneway)
        } catch {
            throw ControlFault.refused(error, oneway: oneway)
        }
    }

    /// The frame to send, NUL included.
    package func frame() -> [UInt8] {
        let envelope = CallEnvelope(
            method: request.method, more: more ? true : nil, oneway: oneway ? true : nil)
        switch request {
        case .getInfo, .getStatus, .hold, .abort, .reexec, .events, .compareSettings:
            return frame(envelope, NoParameters())
        case .getInterfaceDescription(let interface):
            return frame(envelope, DescriptionParameters(interface: interface))
        case .getHistory(let number): return frame(envelope, HistoryParameters(number: number))
        case .explain(let datagrams):
            return frame(envelope, ExplainParameters(datagrams: datagrams))
        case .flows(let question): return frame(envelope, question)
        case .endFlow(let question), .moveFlow(let question): return frame(envelope, question)
        case .promote(let full, let generation, let step):
            return frame(
                envelope, PromoteParameters(full: full, generation: generation, step: step))
        case .upgrade(
            let command, let workers, let wait, let message, let release, let canary, let watch,
            let dryRun):
            return frame(
                envelope,
                UpgradeParameters(
                    command: command, workers: workers, wait: wait, message: message,
                    release: release, canary: canary, watch: watch, dryRun: dryRun))
        case .rollback(let wait, let message, let to):
            return frame(envelope, RollbackParameters(wait: wait, message: message, to: to))
        case .restart(let wait, let message):
            return frame(envelope, WaitParameters(wait: wait, message: message))
        case .drain(let generation, let timeout, let keep):
            return frame(
                envelope,
                DrainParameters(
                    generation: generation, timeout: timeout?.inSeconds, keep: keep))
        case .stop(let timeout):
            return frame(envelope, StopParameters(drainTimeout: timeout?.inSeconds))
        }
    }

    private func frame(_ envelope: CallEnvelope, _ parameters: some Encodable) -> [UInt8] {
        OrderedJSON.frame(WholeCall(envelope: envelope, parameters: parameters), nulls: false)
    }
}

/// A call without its parameters.
struct CallEnvelope: Codable {
    var method: String
    var more: Bool?
    var oneway: Bool?
    var upgrade: Bool?
}

private struct WholeCall<Parameters: Encodable>: Encodable {
    let envelope: CallEnvelope
    let parameters: Parameters

    private enum Key: CodingKey { case method, parameters, more, oneway }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(envelope.method, forKey: .method)
        try object.encode(parameters, forKey: .parameters)
        try object.encodeIfPresent(envelope.more, forKey: .more)
        try object.encodeIfPresent(envelope.oneway, forKey: .oneway)
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
