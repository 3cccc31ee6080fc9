import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    /// A server that was started without a supervisor.
    @Suite struct AdoptionUnderLoad {
        private let options = [
            "--listen", "udp://\(address)", "--linger", "20ms", "--idle-timeout", "1s",
        ]

        /// The echo server as anybody starts it, without SO_REUSEPORT, once it has bound its address.
        private func running(_ options: String...) throws -> TestProcess {
            let process = try TestProcess(try echo(["--listen", address] + options))
            let place = try #require(SocketAddress(address))
            #expect(try eventually { BoundAddresses.contains(place, stream: false) })
            return process
        }

        private func own() throws -> [String] { try echo("--own-sockets", "--listen", address) }

        /// Adopts it while a load runs on it.
        private func adopted(
            _ process: TestProcess, loadedBy flows: [String]
        ) throws -> (Service, Load) {
            let load = try Load(to: address, flows + ["--duration", "5min"])
            let service = try Service.current(options, command: own(), adopting: process.pid)
            #expect(try service.receives(200))
            return (service, load)
        }

        /// Whether everything was answered, and by the right process: but for a datagram that the
        /// supervisor warned of, which came in the moment in which the group was made.
        private func isWhole(_ result: LoadResult, _ log: [String]) -> Bool {
            let warned = log.contains {
                $0.contains("a datagram came while the sockets were taken over")
            }
            return result.sent > 0 && result.answered == result.sent && result.refused == 0
                && (result.ok || warned)
        }

        @Test func isTakenOverAndUpgradedAndNothingIsLost() throws {
            let process = try running()
            let (service, load) = try adopted(process, loadedBy: changingFlows)
            for _ in 2...3 { #expect(try service.upgrade()) }
            #expect(try service.upgrade("--wait", "drained"))
            #expect(try process.exit() == .code(0), "the old one was ended when its flows were")
            let result = try load.stopped()
            #expect(isWhole(result, service.process.output.lines), "\(result)")
            // What ran before has no number of a generation.
            #expect(result.answeringGenerations == [0, 2, 3, 4], "\(result)")
        }

        @Test func isRunAgainOnItsSocketsWhenItDies() throws {
            let process = try running()
            let (service, load) = try adopted(
                process, loadedBy: lastingFlows + ["--expect-restart", "--expect-move"])
            try process.signal(9)
            #expect(try service.eventually(1) { $0.workers.first?.restarts == 1 })
            #expect(try service.receives(500))
            let result = try load.stopped()
            #expect(result.refused == 0 && result.lost <= 64, "\(result)")
        }

        @Test func andItsSupervisorMayCrash() throws {
            let process = try running()
            let (service, load) = try adopted(process, loadedBy: changingFlows)
            let log = service.process.output.lines
            try service.succeed()
            #expect(try service.status().generations.first?.workers.first?.pid == Int(process.pid))
            #expect(try service.upgrade("--wait", "drained"))
            #expect(try process.exit() == .code(0))
            let result = try load.stopped()
            #expect(isWhole(result, log), "\(result)")
        }

        @Test func withoutAnAddressAnOptionIsForAllThatIsAdopted() throws {
            let process = try running()
            let service = try Service.current(
                ["--steering", "stateless", "--linger", "20ms"], command: own(),
                adopting: process.pid)
            #expect(try service.status().listeners.map(\.steering) == ["stateless"])
        }

        @Test func whatItDoesNotServeIsNotTakenOver() throws {
            let process = try running()
            let service = try Service(
                ["--listen", "udp://127.0.0.1:4999"], command: own(), adopting: process.pid)
            #expect(
                try service.line(
                    with: "has no socket at udp://127.0.0.1:4999; it has udp://\(address)")
                    != nil)
            #expect(try service.process.exit() == .code(1))
            let probe = try Load(
                to: address, ["--flows", "10", "--rate", "100", "--duration", "200ms"]
            ).result()
            #expect(probe.ok)
            try process.signal(15)
            #expect(try process.exit() == .code(0))
        }
    }
}
