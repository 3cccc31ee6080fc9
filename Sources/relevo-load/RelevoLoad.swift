import ArgumentParser

/// Load, proof and measurement of hot upgrades.
@main
struct RelevoLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relevo-load",
        abstract: "Loads UDP servers and proves that an upgrade lost nothing.",
        discussion: """
            Start a server that keeps state under relevo, load it, upgrade it meanwhile:

              relevo run --listen udp://127.0.0.1:4433 -- relevo-load serve
              relevo-load send --to 127.0.0.1:4433 --flows 1000 --rate 20000 --duration 30s
              relevo upgrade

            'send' counts every datagram and ends with exit code 1 if one was lost, refused, or \
            answered by a process that does not know its flow. 'bench' does all of that by \
            itself and compares with the project's bars.
            """,
        subcommands: [Serve.self, Send.self, Bench.self, Binder.self, Talker.self, Flooder.self])
}
