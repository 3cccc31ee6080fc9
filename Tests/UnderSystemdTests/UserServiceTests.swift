import Kernel
import TestKit
import Testing

extension UnderSystemd {
    /// Services of a user, without any privilege.
    @Suite struct OfAUser {
        private static let unit = EchoUnit.text(
            "--listen udp://127.0.0.1:4433 --steering stateless -- /usr/bin/relevo-load serve")

        /// A machine in which a user's own manager runs.
        private func machine() throws -> SystemdMachine {
            let machine = try SystemdMachine()
            let set = try machine.shell(
                """
                useradd --create-home tester
                folder=/home/tester/.config/systemd/user
                mkdir -p $folder
                cat >$folder/echo.service <<END
                \(Self.unit)
                END
                loginctl enable-linger tester
                """)
            try #require(set.exit == .code(0), "\(set.errors)")
            #expect(
                try eventually {
                    try user(machine, "systemctl --user is-active default.target") == "active"
                })
            return machine
        }

        /// What a command of the user prints.
        private func user(_ machine: SystemdMachine, _ command: String) throws -> String {
            try machine.shell(
                "XDG_RUNTIME_DIR=/run/user/$(id -u tester) runuser -u tester -- \(command) || true"
            ).text
        }

        private func workers(_ machine: SystemdMachine) throws -> [String] {
            try machine.run("pgrep", "-f", "relevo-load serve").output
        }

        @Test func outliveTheirSupervisorToo() throws {
            let machine = try machine()
            _ = try user(machine, "systemctl --user start echo")
            let before = try workers(machine)
            #expect(before.count == 1)
            let load = try machine.load(
                ["--flows", "20", "--rate", "1000", "--duration", "5min"])
            for command in ["kill --kill-whom=main --signal=KILL", "restart"] {
                let old = try user(machine, "systemctl --user show --value -p MainPID echo")
                _ = try user(machine, "systemctl --user \(command) echo")
                #expect(
                    try eventually {
                        let now = try user(machine, "systemctl --user show --value -p MainPID echo")
                        let state = try user(machine, "systemctl --user is-active echo")
                        return now != old && state == "active"
                    })
                #expect(try workers(machine) == before)
            }
            _ = try user(machine, "systemctl --user reload echo")
            let result = try load.stopped()
            // Stateless: flows go to the newest generation at once.
            #expect(result.lost == 0 && result.refused == 0 && result.sent > 0, "\(result)")
            let history = try machine.shell("ls /home/tester/.local/state/relevo/echo")
            #expect(history.output == ["history"], "\(history)")
            _ = try user(machine, "systemctl --user stop echo")
            #expect(try machine.run("pgrep", "relevo").output.isEmpty)
        }
    }
}
