import ControlProtocol
import Kernel
import TestKit
import Testing

extension UnderSystemd {
    @Suite struct Survival {
        /// Flows that end while others are opened, until it is stopped.
        private let changing = [
            "--flows", "100", "--rate", "2000", "--open-rate", "200", "--duration", "5min",
        ]
        /// Flows that stay.
        private let lasting = ["--flows", "50", "--rate", "1000", "--duration", "5min"]

        /// Starts a load and waits until all its flows are known.
        private func load(_ echo: EchoUnit, _ options: [String]) throws -> Load {
            let load = try echo.machine.load(options)
            #expect(try echo.eventually { $0.listeners.first?.flows ?? 0 >= 50 })
            return load
        }

        private func kill(_ echo: EchoUnit, _ signal: String = "KILL") throws {
            let before = try echo.machine.mainProcess(of: EchoUnit.name)
            try echo.machine.systemctl(
                "kill", "--kill-whom=main", "--signal=\(signal)", EchoUnit.name)
            #expect(
                try TestKit.eventually {
                    let now = try echo.machine.mainProcess(of: EchoUnit.name)
                    return now != before && now != 0
                })
        }

        /// Whether all was answered and nothing went to a process that does not know it.
        private func expectWhole(_ result: LoadResult) {
            #expect(result.ok && result.sent > 0 && result.answered == result.sent, "\(result)")
        }

        @Test func aKilledSupervisorIsNotNoticedByTraffic() throws {
            let echo = try EchoUnit.started("--workers 2")
            let workers = try echo.workers()
            let load = try load(echo, lasting)
            for _ in 1...3 {
                try kill(echo)
                #expect(try echo.eventually { $0.current == 1 })
                #expect(try echo.workers() == workers)
            }
            expectWhole(try load.stopped())
            #expect(try echo.systemctl("reload").exit == .code(0))
            #expect(try echo.status().current == 2)
        }
    }
}
