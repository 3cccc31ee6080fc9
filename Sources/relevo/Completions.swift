import ArgumentParser
import ControlClient
import ControlProtocol

/// What a shell completes that only running services know.
enum Completions {
    /// The names of services.
    static let services = CompletionKind.custom { words, _, _ in
        here(words).compactMap { path in
            // A folder that a service manager has made may have another name.
            ListCommand.status(at: path)?.name
                ?? path.split(separator: "/").dropLast().last.map(String.init)
        }
    }

    /// The control sockets of this machine, where no other one is meant: no shell waits for ssh.
    private static func here(_ words: [String]) -> [String] {
        RemoteHost.text(in: words) == nil ? ServiceLocator().existing() : []
    }

    /// The handovers that services which answer remember, the newest first.
    static let handovers = CompletionKind.custom { words, _, _ in
        sorted(history(words).map(\.number))
    }

    /// The generations that were current and are remembered, the newest first.
    static let formerGenerations = CompletionKind.custom { words, _, _ in
        sorted(history(words).filter { $0.timeToFlip != nil }.map(\.to))
    }

    private static func sorted(_ numbers: [Int]) -> [String] {
        Set(numbers).sorted(by: >).map { "\($0)" }
    }

    private static func history(_ words: [String]) -> [HandoverRecord] {
        here(words).flatMap { path -> [HandoverRecord] in
            guard let connection = try? ControlConnection(to: path),
                (try? connection.send(ControlCall(.getHistory(number: nil)))) != nil,
                let reply = try? connection.reply(as: HistoryReply.self, within: .seconds(2))
            else { return [] }
            return reply.parameters.handovers
        }
    }

    /// The generations of all services that answer, the newest first.
    static let generations = CompletionKind.custom { words, _, _ in
        let numbers = here(words).compactMap(ListCommand.status)
            .flatMap { $0.generations.map(\.id) }
        return Set(numbers).sorted(by: >).map { "\($0)" }
    }

    /// The services that the service manager has unit files for.
    static let units = CompletionKind.custom { _, _, _ in
        let text = try? ServiceManager.asked(
            "list-unit-files", "--type=service", "--no-legend", "--plain")
        return (text ?? "").split(whereSeparator: \.isNewline).compactMap { line in
            line.split(separator: " ").first.map { String($0.dropLast(".service".count)) }
        }.filter { !$0.hasSuffix("@") }
    }

    /// Those that are wrapped.
    static let wrappedUnits = CompletionKind.custom { _, _, _ in
        ((try? WrappedUnit.all()) ?? []).map { String($0.name.dropLast(".service".count)) }
    }
}
