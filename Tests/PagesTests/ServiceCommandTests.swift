import Kernel
import TestKit
import Testing

/// What the pages tell a reader to ask of a service is asked of one that runs.
@Suite(.ownNetwork, .needsRoot)
struct ServiceCommandTests {
    private static let asked: Set = [
        "relevo upgrade", "relevo upgrade --workers 4", "relevo upgrade --dry-run", "relevo status",
        "relevo top", "relevo rollback", "relevo history", "relevo report --output handover.svg",
        "relevo flows dns --generation 3", "relevo restart dns", "relevo list",
        "relevo wait --for ready --timeout 30s", "relevo metrics", "relevo diff dns",
        "relevo status dns", "relevo history dns",
        "relevo explain dns --from 192.0.2.7:40000 --payload 0a0b0c",
    ]
    private static let last = "relevo stop dns"
    /// Why the others of these pages are not.
    private static let notAsked = [
        "relevo run --listen udp://0.0.0.0:4433 --workers 2 -- /usr/bin/server --its-args":
            "starts another service, with a server that is not here",
        "relevo run --config /etc/relevo/dns.conf": "the same, by a file that is not here",
        "relevo run --adopt auto -- named -f": "the same; IntegrationTests run named",
        "relevo adopt 1234": "takes a process over; IntegrationTests have one",
        "relevo join --name dns -- dnsd": "this service lets nobody join",
        "relevo upgrade -- /opt/v2/server": "names a server that is not here",
        "relevo upgrade --canary 5%,25% --step 30s": "takes a minute",
        "relevo explain --pcap dump.pcap": "needs a capture",
        "relevo explain dns --pcap dump.pcap": "needs a capture",
        "relevo flows end 192.0.2.7:40000 dns": "there is no such client",
        "relevo flows move 192.0.2.7:40000 dns": "there is no such client",
        "relevo events": "goes on until it is ended",
        "relevo logs -g 3 -f": "goes on until it is ended",
        "relevo logs dns -f": "goes on until it is ended",
        "relevo drain dns --timeout 0": "is refused while nothing drains",
        "relevo -H admin@dns1 status dns": "needs another machine",
        "relevo wrap unbound": "changes a unit of this machine",
        "relevo unwrap unbound": "changes a unit of this machine",
        "relevo init --listen udp://:53 -- dnsd": "writes to /etc; CommandTests have it printed",
        "relevo doctor": "ends with what this machine lacks",
        "relevo check-settings /etc/relevo/dns.conf": "names a file that is not here",
        "relevo check-settings --keys": "asks no service; CommandTests run it",
    ]
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
        #expect(
            Self.asked.union(Self.notAsked.keys).union([Self.last])
                == Set(shown.filter { $0.program == "relevo" }.map(\.text)))

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
