import ControlProtocol
import Kernel
import TestKit
import Testing

/// Both families at once, and connections over upgrades.
@Suite(.ownNetwork, .needsRoot)
struct ListenersTests {
    @Test func theWildcardOfBothFamiliesServesBothAtOnce() throws {
        let service = try Service.current(
            ["--listen", "udp://:4433", "--listen", "tcp://:4433"], command: try Programs.echo())
        for address in ["127.0.0.1:4433", "[::1]:4433", "tcp://127.0.0.1:4433", "tcp://[::1]:4433"]
        {
            let result = try Load(
                to: address, ["--flows", "20", "--rate", "200", "--duration", "300ms"]
            ).result()
            #expect(result.ok, "\(address): \(result.faults)")
            #expect(result.answered > 0)
        }
        #expect(
            try service.status().listeners.map(\.address) == ["udp://[::]:4433", "tcp://[::]:4433"])
    }

    @Test(arguments: ["127.0.0.1", "[::1]"])
    func upgradesLoseNoConnection(host: String) throws {
        let service = try Service.current(
            ["--listen", "tcp://\(host):4433", "--workers", "2", "--linger", "0"],
            command: try Programs.echo())
        let load = try Load(
            to: "tcp://\(host):4433", ["--flows", "50", "--rate", "300", "--duration", "6s"])
        for generation in 2...5 {
            #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
            #expect(try service.status().current == generation)
        }
        let result = try load.result()
        #expect(result.ok, "\(result.faults)")
        #expect(result.refused == 0)
        #expect(result.lost == 0)
        #expect(result.generations.keys.count >= 3, "\(result.generations)")
    }

    @Test func connectionsInTheQueueOfABusyGenerationAreNotLost() throws {
        // It accepts nothing until it is asked to stop; then all that waits must be served.
        let slow = PythonWorker.command(
            """
            stopped = []
            signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
            waiting = select.epoll()
            waiting.register(3, select.EPOLLIN)
            notify("READY=1")
            while not stopped:
                signal.pause()
            """)
        let service = try Service.current(
            ["--listen", "tcp://127.0.0.1:4433", "--ready", "notify", "--linger", "0"],
            command: slow)
        let load = try Load(
            to: "tcp://127.0.0.1:4433",
            ["--flows", "20", "--rate", "20", "--duration", "1s", "--timeout", "60s"])
        #expect(
            try eventually {
                String(decoding: try readFile("/proc/thread-self/net/tcp"), as: UTF8.self)
                    .split(separator: "\n").contains { Self.waits($0) }
            })
        let echo = try Programs.echo()
        let upgrade = try Finished.running(
            [try Programs.path("relevo"), "upgrade", "--control", service.control, "--"] + echo)
        #expect(upgrade.exit == .code(0), "\(upgrade.errors)")
        #expect(try service.eventually { $0.lastHandover?.to == 2 })
        let result = try load.result()
        #expect(result.refused == 0)
        let summary = try #require(try service.status().lastHandover)
        // What the old generation never accepted is migrated by the kernel, or counted.
        #expect(result.lost == 0 || summary.drops >= result.lost, "\(result.faults) \(summary)")
    }

    /// Whether a line of /proc/net/tcp is a listener in whose queue a connection waits.
    private static func waits(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        guard words.count > 4, words[3] == "0A" else { return false }
        return !words[4].hasSuffix(":00000000")
    }
}
