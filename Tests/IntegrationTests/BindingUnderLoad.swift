import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    /// A server that binds its address itself is upgraded like any other.
    @Suite struct BindingUnderLoad {
        /// The echo server as a program that knows of no supervisor.
        private func own(_ options: String...) throws -> [String] {
            try echo(["--own-sockets", "--listen", address] + options)
        }

        @Test(arguments: [["--listen", "udp://\(address)"], ["--adopt", "udp:*"]])
        func isUpgradedAndNothingIsLost(_ options: [String]) throws {
            let service = try Service.current(
                options + ["--linger", "20ms", "--idle-timeout", "1s", "--workers", "2"],
                command: try own())
            let load = try service.load(changingFlows)
            for _ in 2...4 { #expect(try service.upgrade()) }
            #expect(try service.upgrade("--wait", "drained"))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3, 4, 5), "\(result)")
            let status = try service.status()
            #expect(status.listeners.map(\.address) == ["udp://\(address)"])
            #expect(status.listeners.first?.counters.drops == 0)
            #expect(status.listeners.first?.counters.fallback == 0)
        }

        @Test func isStartedAgainOnItsSocketWhenItDies() throws {
            let service = try Service.current(quick, command: try own())
            let load = try service.load(lastingFlows + ["--expect-restart", "--expect-move"])
            try service.signal(9, of: 1)
            #expect(try service.eventually(1) { $0.workers.first?.restarts == 1 })
            #expect(try service.receives(500))
            let result = try load.stopped()
            // What the dead process had read is gone with it.
            #expect(result.refused == 0 && result.lost <= 64, "\(result)")
        }

        @Test func andItsSupervisorMayCrash() throws {
            let service = try Service.current(quick, command: try own())
            let load = try service.load(changingFlows)
            #expect(try service.upgrade())
            try service.succeed()
            #expect(try service.upgrade())
            #expect(try service.eventually(3) { $0.flows > 0 })
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3), "\(result)")
        }

        @Test func aVersionThatBindsNothingChangesNothing() throws {
            let service = try Service.current(
                quick + ["--ready-timeout", "2s"], command: try own())
            let load = try service.load(changingFlows)
            let upgrade = try service.upgrading(to: ["sleep", "1000"])
            #expect(upgrade.failed(1, saying: "it waits on no socket of udp://\(address)"))
            let other = try service.upgrading(
                to: try echo("--own-sockets", "--listen", "127.0.0.1:4434"))
            #expect(other.failed(1, saying: "it has bound udp://127.0.0.1:4434"), "\(other)")
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
        }
    }
}
