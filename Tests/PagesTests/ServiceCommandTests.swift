import Kernel
import TestKit
import Testing

/// What the pages tell a reader to ask of a service is asked of one that runs.
@Suite(.ownNetwork, .needsRoot)
struct ServiceCommandTests {
    /// In the order of the pages; the others need a terminal, another machine, a file, or minutes.
    private static let asked: Set = [
        "relevo upgrade", "relevo upgrade --workers 4", "relevo upgrade --dry-run", "relevo status",
        "relevo top", "relevo rollback", "relevo history", "relevo report --output handover.svg",
        "relevo flows dns --generation 3", "relevo restart dns", "relevo list",
        "relevo wait --for ready --timeout 30s", "relevo metrics", "relevo diff dns",
        "relevo status dns", "relevo history dns",
        "relevo explain dns --from 192.0.2.7:40000 --payload 0a0b0c",
    ]
    private static let last = "relevo stop dns"
    private static let places = [
        "Sources/relevo/OPERATIONS.md", "Sources/relevo/TROUBLESHOOTING.md",
        "Sources/Steering/STEERING.md",
    ]

    @Test func whatIsAskedOfAServiceIsAnswered() throws {
        let pages = try Page.all()
        let shown = Self.places.flatMap { place in
            PageCommand.all(pages.filter { $0.name == place }).filter { !$0.isMention }
        }
        let asked = shown.filter { Self.asked.contains($0.text) }
        #expect(Self.asked.subtracting(asked.map(\.text)).isEmpty)
        #expect(shown.contains { $0.text == Self.last })

        let folder = try TemporaryFolder()
        let settings = folder.file("dns.conf")
        try writeFile(
            settings,
            Array(
                """
                [Service]
                Name=dns
                Command=\(try Programs.path("relevo-load")) serve
                Workers=2
                Linger=0

                [Listener]
                Address=udp://127.0.0.1:4433
                Steering=stateless
                """.utf8))
        let service = try Service.current(["--config", settings], command: [])
        for command in asked {
            let words = command.arguments.map {
                // The test's own folder is not to be written to.
                $0 == "handover.svg" ? folder.file($0) : $0
            }
            let answer = try service.relevo(words)
            #expect(answer.exit == .code(0), "\(command.place): \(command.text): \(answer.errors)")
            // It says all that it has to say by its exit code.
            #expect(
                answer.output.isEmpty == (words[0] == "wait"), "\(command.place): \(command.text)")
        }
        #expect(try readFile(folder.file("handover.svg")).starts(with: Array("<svg".utf8)))
        #expect(try service.relevo("stop", "dns").exit == .code(0))
        #expect(try service.process.exit() == .code(0))
    }
}
