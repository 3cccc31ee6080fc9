import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

extension UnderSystemd {
    /// The history outlives the unit's stop, in the folder that StateDirectory= names.
    @Suite struct History {
        private func history(_ echo: EchoUnit) throws -> [HandoverRecord] {
            let answer = try echo.machine.run("relevo", "history", "echo", "--json")
            return try JSONDecoder().decode([HandoverRecord].self, from: Data(answer.text.utf8))
        }

        @Test func goesOnOverARestartAndAStopOfTheUnit() throws {
            let echo = try EchoUnit.started(extra: "StateDirectory=servers-own")
            #expect(try echo.systemctl("reload").exit == .code(0))
            #expect(try echo.settles())
            #expect(try echo.systemctl("restart").exit == .code(0))
            #expect(try echo.eventually { $0.current == 2 })
            #expect(try TestKit.eventually { try history(echo).map(\.to) == [1, 2] })
            // The server finds its own folder there, and not ours.
            let worker = try #require(try echo.workers().first)
            let environment = try echo.machine.shell("tr '\\0' '\\n' < /proc/\(worker)/environ")
            #expect(environment.output.contains("STATE_DIRECTORY=/var/lib/servers-own"))

            #expect(try echo.systemctl("stop").exit == .code(0))
            let file = try echo.machine.shell("stat -c %a /var/lib/relevo/echo/history")
            #expect(file.output == ["600"], "\(file)")
            #expect(try echo.systemctl("start").exit == .code(0))
            #expect(try TestKit.eventually { try history(echo).map(\.number) == [1, 2, 3] })
            #expect(try history(echo).map(\.to) == [1, 2, 1])
            #expect(try history(echo).allSatisfy { $0.result == .completed })
        }
    }
}
