import FoundationEssentials

extension ControlRequest {
    /// The method's full name.
    package var method: String {
        switch self {
        case .getInfo: "\(Interfaces.service).GetInfo"
        case .getInterfaceDescription: "\(Interfaces.service).GetInterfaceDescription"
        case .getStatus: "\(Interfaces.supervisor).GetStatus"
        case .getHistory: "\(Interfaces.supervisor).GetHistory"
        case .upgrade: "\(Interfaces.supervisor).Upgrade"
        case .promote: "\(Interfaces.supervisor).Promote"
        case .hold: "\(Interfaces.supervisor).Hold"
        case .abort: "\(Interfaces.supervisor).Abort"
        case .rollback: "\(Interfaces.supervisor).Rollback"
        case .restart: "\(Interfaces.supervisor).Restart"
        case .drain: "\(Interfaces.supervisor).Drain"
        case .stop: "\(Interfaces.supervisor).Stop"
        case .reexec: "\(Interfaces.supervisor).Reexec"
        case .events: "\(Interfaces.supervisor).Events"
        case .explain: "\(Interfaces.supervisor).Explain"
        case .compareSettings: "\(Interfaces.supervisor).CompareSettings"
        case .flows: "\(Interfaces.supervisor).Flows"
        case .endFlow: "\(Interfaces.supervisor).EndFlow"
        case .moveFlow: "\(Interfaces.supervisor).MoveFlow"
        }
    }

    /// The request of this name, its parameters taken from the whole call.
    static func decode(method: String, _ call: Data) throws(ControlError) -> ControlRequest {
        let (interface, member) = try split(method)
        switch (interface, member) {
        case (Interfaces.service, "GetInfo"): return .getInfo
        case (Interfaces.service, "GetInterfaceDescription"):
            let parameters = try parameters(of: call, as: DescriptionParameters.self)
            return .getInterfaceDescription(interface: parameters.interface)
        case (Interfaces.supervisor, "GetStatus"): return .getStatus
        case (Interfaces.supervisor, "GetHistory"):
            let parameters = try parameters(of: call, as: HistoryParameters.self)
            return .getHistory(number: parameters.number)
        case (Interfaces.supervisor, "Upgrade"):
            let parameters = try parameters(of: call, as: UpgradeParameters.self)
            return .upgrade(
                command: try command(parameters.command), workers: try workers(parameters.workers),
                wait: parameters.wait ?? .flip, message: try message(parameters.message),
                release: try folder(parameters.release),
                canary: try canary(parameters.canary), watch: try watch(parameters.watch),
                dryRun: try dryRun(parameters.dryRun))
        case (Interfaces.supervisor, "Promote"):
            let parameters = try parameters(of: call, as: PromoteParameters.self)
            if let id = parameters.generation, id < 1 {
                throw ControlError.invalidParameter("generation")
            }
            return .promote(
                full: parameters.full ?? false, generation: parameters.generation,
                step: try count(parameters.step, named: "step"))
        case (Interfaces.supervisor, "Hold"): return .hold
        case (Interfaces.supervisor, "Abort"): return .abort
        case (Interfaces.supervisor, "Rollback"):
            let parameters = try parameters(of: call, as: RollbackParameters.self)
            if let to = parameters.to, to < 1 { throw ControlError.invalidParameter("to") }
            return .rollback(
                wait: parameters.wait ?? .flip, message: try message(parameters.message),
                to: parameters.to)
        case (Interfaces.supervisor, "Restart"):
            let parameters = try parameters(of: call, as: WaitParameters.self)
            return .restart(
                wait: parameters.wait ?? .flip, message: try message(parameters.message))
        case (Interfaces.supervisor, "Drain"):
            let parameters = try parameters(of: call, as: DrainParameters.self)
            return .drain(
                generation: parameters.generation,
                timeout: try time(parameters.timeout, named: "timeout"),
                keep: try count(parameters.keep, named: "keep"))
        case (Interfaces.supervisor, "Stop"):
            let parameters = try parameters(of: call, as: StopParameters.self)
            return .stop(drainTimeout: try time(parameters.drainTimeout, named: "drainTimeout"))
        case (Interfaces.supervisor, "Reexec"): return .reexec
        case (Interfaces.supervisor, "Events"): return .events
        case (Interfaces.supervisor, "CompareSettings"): return .compareSettings
        case (Interfaces.supervisor, "Explain"):
            let datagrams = try parameters(of: call, as: ExplainParameters.self).datagrams
            guard 1...DatagramQuestion.most ~= datagrams.count else {
                throw ControlError.invalidParameter("datagrams")
            }
            return .explain(datagrams)
        case (Interfaces.supervisor, "Flows"):
            let question = try parameters(of: call, as: FlowsQuestion.self)
            if let wrong = question.unsound { throw ControlError.invalidParameter(wrong) }
            return .flows(question)
        case (Interfaces.supervisor, "EndFlow"):
            return .endFlow(try parameters(of: call, as: FlowQuestion.self))
        case (Interfaces.supervisor, "MoveFlow"):
            return .moveFlow(try parameters(of: call, as: FlowQuestion.self))
        case (Interfaces.service, _), (Interfaces.supervisor, _):
            throw ControlError.methodNotFound(method)
        default: throw ControlError.interfaceNotFound(interface)
        }
    }

    private static func split(
        _ method: String
    ) throws(ControlError) -> (interface: String, member: String) {
        guard let dot = method.utf8.lastIndex(of: UInt8(ascii: ".")) else {
            throw ControlError.methodNotFound(method)
        }
        return (String(method[..<dot]), String(method[method.utf8.index(after: dot)...]))
    }

    private struct Carrier<Parameters: Decodable>: Decodable {
        let parameters: Parameters?
    }

    private static func parameters<Parameters: Decodable>(
        of call: Data, as type: Parameters.Type
    ) throws(ControlError) -> Parameters {
        do {
            let decoder = JSONDecoder()
            if let found = try decoder.decode(Carrier<Parameters>.self, from: call).parameters {
                return found
            }
            return try decoder.decode(Parameters.self, from: Data("{}".utf8))
        } catch let error as DecodingError {
            throw ControlError.invalidParameter(culprit(error))
        } catch {
            throw ControlError.invalidParameter("parameters")
        }
    }

    /// The parameter that a decoding error is about.
    private static func culprit(_ error: DecodingError) -> String {
        var path: [any CodingKey] = []
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            path = context.codingPath
        case .keyNotFound(let key, let context): path = context.codingPath + [key]
        @unknown default: path = []
        }
        let names = path.map(\.stringValue).drop { $0 == "parameters" }
        return names.first ?? "parameters"
    }

    private static func command(_ words: [String]?) throws(ControlError) -> [String]? {
        guard let words else { return nil }
        guard let program = words.first, !program.isEmpty,
            words.allSatisfy({ !$0.utf8.contains(0) })
        else { throw ControlError.invalidParameter("command") }
        return words
    }

    /// A line of text for people.
    private static func message(_ text: String?) throws(ControlError) -> String? {
        guard let text else { return nil }
        let isLine = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        guard text.utf8.count <= 1_024, isLine else {
            throw ControlError.invalidParameter("message")
        }
        return text
    }

    private static func folder(_ path: String?) throws(ControlError) -> String? {
        guard let path else { return nil }
        guard path.hasPrefix("/"), path.utf8.count < 4_096, !path.utf8.contains(0) else {
            throw ControlError.invalidParameter("release")
        }
        return path
    }

    private static func workers(_ number: Int?) throws(ControlError) -> Int? {
        guard let number else { return nil }
        guard number >= 1 else { throw ControlError.invalidParameter("workers") }
        return number
    }

    /// A larger limit is none.
    private static let mostDrops = 1_000_000_000

    private static let mostNetworks = 64

    private static func canary(_ steps: CanarySteps?) throws(ControlError) -> CanarySteps? {
        guard let steps else { return nil }
        let areShares = steps.shares.allSatisfy { $0 >= 0.0001 && $0 <= 99.9999 }
        let grow = zip(steps.shares, steps.shares.dropFirst()).allSatisfy { $1 - $0 >= 0.0001 }
        let networks = steps.networks ?? []
        guard steps.shares.count <= 100, networks.count <= mostNetworks,
            !steps.shares.isEmpty || !networks.isEmpty, areShares, grow,
            0...1_000_000 ~= steps.restarts ?? 0, 0...Self.mostDrops ~= steps.drops ?? 0,
            steps.stepSeconds != 0, isRunnable(steps.check)
        else { throw ControlError.invalidParameter("canary") }
        _ = try time(steps.stepSeconds, named: "canary")
        return steps
    }

    /// Whether a check names a program; none is right as well.
    private static func isRunnable(_ check: [String]?) -> Bool {
        check?.first != "" && check?.isEmpty != true
    }

    private static func watch(_ wanted: WatchWanted?) throws(ControlError) -> WatchWanted? {
        guard let wanted else { return nil }
        guard 0.001...8_640_000 ~= wanted.seconds, 0...1_000_000 ~= wanted.restarts ?? 0,
            0...Self.mostDrops ~= wanted.drops ?? 0, isRunnable(wanted.check)
        else { throw ControlError.invalidParameter("watch") }
        return wanted
    }

    private static func dryRun(_ wanted: DryRunWanted?) throws(ControlError) -> DryRunWanted? {
        guard isRunnable(wanted?.check) else {
            throw ControlError.invalidParameter("dryRun")
        }
        return wanted
    }

    private static func count(
        _ number: Int?, named name: String
    ) throws(ControlError) -> Int? {
        guard let number else { return nil }
        guard 0...1_000_000_000 ~= number else { throw ControlError.invalidParameter(name) }
        return number
    }

    /// Seconds, up to ten years.
    private static func time(
        _ seconds: Double?, named name: String
    ) throws(ControlError) -> Duration? {
        guard let seconds else { return nil }
        guard seconds >= 0, seconds <= 315_360_000 else {
            throw ControlError.invalidParameter(name)
        }
        return .seconds(seconds)
    }
}
