import ControlProtocol
import Kernel
import TestKit
import Testing

extension UnderSystemd {
    /// A server that binds its address itself, in the sandbox of the package's unit.
    @Suite struct Binding {
        /// What that unit allows, as far as it concerns a bind.
        private static let sandbox = """
            User=nobody
            AmbientCapabilities=CAP_BPF
            CapabilityBoundingSet=CAP_BPF
            NoNewPrivileges=yes
            ProtectProc=invisible
            SystemCallArchitectures=native
            SystemCallErrorNumber=EPERM
            SystemCallFilter=@system-service
            SystemCallFilter=~@privileged @resources
            SystemCallFilter=bpf
            SystemCallFilter=seccomp pidfd_getfd
            """
        private static let server =
            "/usr/bin/relevo-load serve --own-sockets --listen 127.0.0.1:4433"

        @Test func isAnsweredWithoutMorePrivilegeThanSteeringTakes() throws {
            let echo = try EchoUnit.started(server: Self.server, extra: Self.sandbox)
            let load = try echo.load(.changing)
            #expect(try echo.systemctl("reload").exit == .code(0), "\(echo.journal)")
            #expect(try echo.status().current == 2)
            let before = try echo.status().pid
            try echo.machine.systemctl("kill", "--kill-whom=main", "--signal=KILL", EchoUnit.name)
            #expect(try echo.eventually { $0.pid != before })
            #expect(try echo.systemctl("reload").exit == .code(0), "\(echo.journal)")
            #expect(try echo.eventually { $0.current == 3 })
            let result = try load.stopped()
            #expect(result.ok && result.lost == 0 && result.sent > 0, "\(result)")
        }
    }
}
