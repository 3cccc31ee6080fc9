import Adoption
import Foundation
import Kernel
import Testing

/// Sessions of a worker that are on none of its slots.
@Suite struct SessionCensusTests {
    /// Binds a listener of each kind, makes sessions, and tells the ports and what its parent forked.
    private static let worker = """
        import time
        def told(*words): print(*words, flush=True)
        slot = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        slot.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        slot.bind(("127.0.0.1", 0))
        here = slot.getsockname()
        sessions = []
        for peer in (9, 10):
            beside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            beside.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            beside.bind(here)
            beside.connect(("127.0.0.1", peer))
            sessions.append(beside)
        media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        media.bind(("127.0.0.1", 0))
        upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        upstream.connect(("127.0.0.1", 53))
        stream = socket.socket(); stream.bind(("127.0.0.1", 0)); stream.listen(8)
        clients = [socket.create_connection(stream.getsockname()) for _ in range(4)]
        served = [stream.accept()[0] for _ in range(4)]
        # One has said all that it will say, one is over.
        clients[0].shutdown(socket.SHUT_WR); served[0].recv(1)
        clients[1].close(); served[1].recv(1); served[1].close()
        # The server of this one has said all, the client has not.
        served[2].shutdown(socket.SHUT_WR); clients[2].recv(1)
        if os.fork() == 0:
            for each in clients + served + sessions + [slot, stream, upstream, s]: each.close()
            signal.pause()
        media.close()
        told(here[1], stream.getsockname()[1], media_port)
        signal.pause()
        """

    @Test func areCountedByKindInTheWorkerAndItsChildren() throws {
        let body = Self.worker.replacingOccurrences(
            of: "upstream = ", with: "media_port = media.getsockname()[1]\nupstream = ")
        let program = try PythonProgram(body)
        let ports = program.nextLine().split(separator: " ").compactMap { UInt16($0) }
        try #require(ports.count == 3)
        let listeners = [
            SocketPlace(.loopback(port: ports[0]), v6Only: false, isStream: false),
            SocketPlace(.loopback(port: ports[1]), v6Only: false, isStream: true),
        ]
        let workers = [program.process.processIdentifier]
        let sockets = SessionCensus.sockets(of: workers)
        var census = SessionCensus()
        // The second look knows the sockets from the first one.
        for _ in 0..<2 {
            let found = try census.count(of: workers, listeners: listeners, ownPorts: [ports[2]])
            #expect(found.connections == 2)
            #expect(found.connectedSockets == 2)
            #expect(found.ownPorts.count == 1)
            #expect(found.ownPorts.isSubset(of: sockets))
        }
        // Whoever is not asked about has none.
        var none = SessionCensus()
        let own = try none.count(of: [], listeners: listeners, ownPorts: [ports[2]])
        #expect(own.isEmpty)
        // The same by one dump of all ports.
        let more = Set(UInt16(1)...20).union([ports[2]])
        let others = (UInt16(1)...20).map {
            SocketPlace(.loopback(port: $0), v6Only: false, isStream: true)
        }
        var again = SessionCensus()
        let found = try again.count(of: workers, listeners: listeners + others, ownPorts: more)
        #expect(
            found == (try census.count(of: workers, listeners: listeners, ownPorts: [ports[2]])))
    }
}
