import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    @Suite struct Promise7LossIsNeverSilent {
        @Test func whenAReceiveBufferIsFullAndWhenAQueueIsGivenUp() throws {
            let service = try Service.current(
                quick + [
                    "--receive-buffer", "16K", "--drain-timeout", "0", "--stop-timeout", "300ms",
                ], command: try echo("--hang"))
            let lost = try Load(
                to: address,
                ["--flows", "20", "--rate", "5000", "--duration", "300ms", "--timeout", "100ms"]
            ).result()
            #expect(lost.sent > 100 && lost.answered == 0)
            let counters = try #require(try service.status().listeners.first?.counters)
            #expect(counters.datagrams == lost.sent)
            #expect(counters.drops > 0)
            #expect(counters.drops < lost.sent, "some wait in the buffer")
            #expect(try service.upgrade("--wait", "drained", to: try echo()))
            let handover = try #require(try service.status().lastHandover)
            #expect(handover.drops == lost.sent, "every one of them is told of")
            #expect(try service.probe().isAnswered(by: 2))
        }

        @Test func whenTheFlowTableIsFull() throws {
            let service = try Service.current(
                ["--listen", "udp://\(address)", "--max-flows", "64"], command: try echo())
            // The smallest table has room for some thirty thousand.
            let result = try Load(
                to: address,
                [
                    "--flows", "50000", "--rate", "25000", "--duration", "4s", "--window", "4000",
                ]
            ).result()
            #expect(result.isAnswered(by: 1), "\(result)")
            let listener = try #require(try service.status().listeners.first)
            let flows = try #require(listener.flows)
            #expect(64..<40_000 ~= flows)
            #expect(listener.counters.evicted > 0)
            let counters = listener.counters
            #expect(counters.evicted <= counters.newFlows, "\(counters)")
            #expect(
                counters.evicted + counters.unrecorded + flows >= min(result.sent, 50_000),
                "\(counters)")
        }

        /// A listening socket that is shut down leaves its group, whoever else has it open.
        @Test func whenAnotherSocketHadToBeTaken() throws {
            let shy = PythonWorker.command(
                """
                def answer():
                    peer, _ = sockets[0].accept()
                    peer.sendall(me.encode())
                    peer.close()
                if me.endswith(".0"):
                    answer()
                    sockets[0].shutdown(socket.SHUT_RDWR)
                    signal.pause()
                while True:
                    answer()
                """)
            let service = try Service.current(
                ["--listen", "tcp://\(address)", "--workers", "2"], command: shy)
            #expect(try service.status().listeners.first?.counters.fallback == 0)
            let target = try #require(SocketAddress(address))
            let fallen = try eventually {
                let connection = try StreamConnection(to: target)
                #expect(try connection.wait(for: .readable, within: .seconds(10)))
                let counters = try service.status().listeners.first?.counters
                return (counters?.fallback ?? 0) > 0
            }
            #expect(fallen)
        }

        @Test func whenTheDrainDeadlineCutsFlowsWhichTheLogTellsToo() throws {
            let service = try Service.current(
                quick + ["--drain-timeout", "500ms"], command: try echo())
            let load = try service.load(lastingFlows + ["--expect-move"])
            #expect(try service.upgrade())
            #expect(try service.line(with: "handover 1 to 2 completed, 50 flows cut") != nil)
            #expect(try service.status().lastHandover?.cutFlows == 50)
            #expect(try load.stopped().isAnswered(by: 1, 2))
        }
    }
}
