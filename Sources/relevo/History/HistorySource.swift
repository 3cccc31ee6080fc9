import ControlClient
import ControlProtocol
import Kernel

/// Where the history of a service is. Who asks more than once has all answers from the same place, and is told once
/// which that is.
enum HistorySource {
    case supervisor(ControlConnection)
    /// Of one that has ended.
    case file(PastHistory)

    /// Finds it, and notes on standard error where it is a file.
    static func find(_ service: ServiceOptions) throws(Failure) -> HistorySource {
        do throws(Failure) {
            return .supervisor(try ServiceConnection.open(service, toAct: false))
        } catch {
            // One that has ended has left it behind, here and not at another host.
            guard error.status == .unavailable, RemoteHost.chosen == nil, let name = service.name
            else { throw error }
            guard let past = try past(of: name) else { throw error }
            Console.complain("relevo: note: \(past.note(name))")
            return .file(past)
        }
    }

    private static func past(of name: String) throws(Failure) -> PastHistory? {
        do throws(KernelError) {
            return try PastHistory(of: name)
        } catch {
            throw Failure(error)
        }
    }

    /// The handover of that number, or all: the answer as it came, and what it says.
    func ask(
        _ number: Int?
    ) throws(Failure) -> (frame: [UInt8], handovers: [HandoverRecord]) {
        let frame = try frame(number)
        let found: [HandoverRecord]
        do throws(AnswerFault) {
            found = try ControlAnswer<HistoryReply>.decode(frame).parameters.handovers
        } catch {
            throw Failure(error)
        }
        guard let number, found.isEmpty else { return (frame, found) }
        throw Failure(
            .failed, "there is no handover \(number) in the history; relevo history lists them")
    }

    private func frame(_ number: Int?) throws(Failure) -> [UInt8] {
        switch self {
        case .supervisor(let connection):
            try connection.send(ControlCall(.getHistory(number: number)))
            return try connection.frame(within: .seconds(10))
        case .file(let past): return past.frame(number)
        }
    }
}
