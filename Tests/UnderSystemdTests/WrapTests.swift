import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

extension UnderSystemd {
    /// Units that are there already, with servers as Debian installs them.
    @Suite struct Wrap {
        /// A server with a unit of its own, answering for www.example.com.
        struct Installed: CustomTestStringConvertible {
            let unit: String
            let program: String
            /// Shell text that configures it.
            let configure: String
            var testDescription: String { unit }
        }

        static let unbound = Installed(
            unit: "unbound", program: "/usr/sbin/unbound",
            configure: """
                printf '%s\\n' 'server:' '  module-config: "iterator"' \
                    '  local-data: "www.example.com. A 192.0.2.1"' \
                    >/etc/unbound/unbound.conf.d/test.conf
                """)
        static let named = Installed(
            unit: "named", program: "/usr/sbin/named",
            configure: """
                printf '%s\\n' 'options {' '  directory "/var/cache/bind"; recursion no;' \
                    '  dnssec-validation no; listen-on-v6 { any; };' '};' \
                    >/etc/bind/named.conf.options
                printf '%s\\n' 'zone "example.com" { type primary; file "/etc/bind/db.test"; };' \
                    >/etc/bind/named.conf.local
                printf '%s\\n' '$TTL 60' '@ SOA ns.example.com. host.example.com. 1 60 60 60 60' \
                    '@ NS ns' 'ns A 192.0.2.53' 'www A 192.0.2.1' >/etc/bind/db.test
                """)

        @Test(
            .needsProgram("unbound", in: "unbound"), .needsProgram("named", in: "bind9"),
            .needsProgram("dnsperf", in: "dnsperf"), arguments: [unbound, named])
        func aPackagesServerIsWrappedUpgradedByItsPackageAndUnwrappedWithoutLoss(
            server: Installed
        ) throws {
            let machine = try SystemdMachine()
            func does(_ text: String) throws {
                let done = try machine.shell(text)
                try #require(done.exit == .code(0), "\(text): \(done.errors)")
            }
            func stands(_ condition: (ServiceStatus) -> Bool) throws -> Bool {
                try eventually { (try? machine.status(of: server.unit)).map(condition) ?? false }
            }
            try does(server.configure)
            try does("systemctl start \(server.unit)")
            let before = try machine.systemctl("cat", server.unit).output
            try does("relevo wrap \(server.unit) && systemctl restart \(server.unit)")
            #expect(try stands { $0.current == 1 })

            let load = try machine.start(
                "sh", "-c",
                "echo www.example.com A >/run/queries && exec dnsperf -d /run/queries "
                    + "-s 127.0.0.1 -Q 500 -c 4 -t 3 -l 120 -S 1 2>&1")
            // It says each second how it goes, the time first.
            let goes = try load.output.next { $0.first?.isNumber == true }
            try #require(goes != nil)
            // What dpkg does with the file, and what the package's script does then.
            try does(
                "cp -p \(server.program) /usr/sbin/new && mv /usr/sbin/new \(server.program) && "
                    + "systemctl restart \(server.unit)")
            #expect(try stands { $0.current == 2 && $0.generations.count { $0.lives } == 1 })
            try does("systemctl reload \(server.unit)")
            #expect(try stands { $0.current == 3 && $0.generations.count { $0.lives } == 1 })
            try does("relevo rollback \(server.unit)")
            #expect(try stands { $0.current == 4 && $0.generations.count { $0.lives } == 1 })
            try does("systemctl restart \(server.unit)")
            #expect(try stands { $0.current == 4 })
            try does("relevo unwrap --force \(server.unit)")
            #expect(try machine.systemctl("cat", server.unit).output == before)
            try machine.run("pkill", "-INT", "dnsperf")
            let said = try load.output.rest(within: .seconds(30)).joined(separator: "\n")
            #expect(said.contains("Queries lost:         0 "), "\(said)")
            #expect(!said.contains("Queries completed:    0 "), "\(said)")

            try does("systemctl restart \(server.unit)")
            #expect(try machine.run("pgrep", "^relevo").output.isEmpty)
            #expect(try machine.run("ls", "/etc/relevo").output.isEmpty)
        }

        @Test func aUnitWithSessionsIsUnwrappedOnlyByForce() throws {
            let machine = try SystemdMachine(units: [
                "app.service": """
                [Service]
                User=nobody
                Environment="WHERE=127.0.0.1:4433"
                Environment=SWIFT_BACKTRACE=enable=no
                ExecStart=/usr/bin/relevo-load serve --own-sockets --listen ${WHERE}
                """
            ])
            let wrapped = try machine.run("relevo", "wrap", "app", "--idle-timeout", "30s")
            try #require(wrapped.exit == .code(0), "\(wrapped.errors)")
            #expect(try machine.systemctl("start", "app").exit == .code(0))
            let load = try machine.load(["--flows", "20", "--rate", "1000"])
            #expect(
                try eventually { try machine.status(of: "app").listeners.first?.flows ?? 0 >= 20 })
            let check = try machine.run("relevo", "unwrap", "--all", "--check")
            #expect(check.exit == .code(1) && check.errors.joined().contains("sessions live"))
            #expect(try machine.run("relevo", "unwrap", "app").exit == .code(1))
            #expect(try machine.systemctl("reload", "app").exit == .code(0))
            // Settings that somebody has changed are kept.
            try machine.shell("echo '# mine' >>/etc/relevo/app.conf")
            #expect(try machine.run("relevo", "unwrap", "--force", "app").exit == .code(0))
            #expect(try machine.run("test", "-e", "/etc/relevo/app.conf").exit == .code(0))
            let result = try load.stopped()
            #expect(result.isWhole(by: 1, 2), "\(result)")
            #expect(try machine.run("relevo", "unwrap", "app").exit == .code(1))
        }

        @Test func aUnitThatItsPackageHasChangedIsToldAndTakenByWrappingItAgain() throws {
            let machine = try SystemdMachine(units: [
                "app.service": """
                [Service]
                User=nobody
                PrivateTmp=yes
                CapabilityBoundingSet=CAP_NET_BIND_SERVICE
                Environment=SWIFT_BACKTRACE=enable=no
                ExecStart=/usr/bin/relevo-load serve --own-sockets --listen 127.0.0.1:4433
                """
            ])
            let dropIn = "/etc/systemd/system/app.service.d/relevo-wrap.conf"
            let wrapped = try machine.run("relevo", "wrap", "app", "--idle-timeout", "30s")
            try #require(wrapped.exit == .code(0), "\(wrapped.errors)")
            let first = try machine.run("cat", dropIn).output
            #expect(first.contains("PrivateTmp=no"))
            #expect(try machine.systemctl("start", "app").exit == .code(0))
            #expect(try machine.run("relevo", "wrap", "--check").exit == .code(0))
            // Its own drop-in is not the unit's word.
            #expect(try machine.run("relevo", "wrap", "app").exit == .code(0))
            #expect(try machine.run("cat", dropIn).output == first)
            #expect(
                try machine.shell("ls /run/systemd/system").output.allSatisfy {
                    !$0.contains("look")
                })

            try machine.shell(
                "sed -i 's#^ExecStart=#ExecStart=/usr/bin/env #' "
                    + "$(systemctl show --value -p FragmentPath app) && systemctl daemon-reload")
            let check = try machine.run("relevo", "wrap", "--check")
            #expect(check.exit == .code(1))
            let told = "app.service has changed since it was wrapped (ExecStart=)"
            #expect(check.errors.joined().contains(told), "\(check.errors)")
            #expect(try machine.systemctl("restart", "app").exit == .code(0))
            #expect(try machine.says(told, unit: "app"))
            #expect(try machine.status(of: "app").current == 1)

            #expect(try machine.run("relevo", "wrap", "app").exit == .code(0))
            #expect(try machine.run("relevo", "wrap", "--check").exit == .code(0))
            #expect(try machine.systemctl("restart", "app").exit == .code(0))
            #expect(try eventually { try machine.status(of: "app").current == 2 })
            #expect(
                try machine.status(of: "app").generations.last?.command.first == "/usr/bin/env")
            // Nobody has changed the settings.
            #expect(try machine.run("relevo", "unwrap", "--force", "app").exit == .code(0))
            #expect(try machine.run("test", "-e", "/etc/relevo/app.conf").exit == .code(1))
        }

        @Test func aUnitThatCannotBeWrappedIsRefusedAndNothingIsWritten() throws {
            let machine = try SystemdMachine(units: [
                "app.service": "[Service]\nType=forking\nExecStart=/usr/bin/relevo-load serve\n",
                "dynamic.service":
                    "[Service]\nDynamicUser=yes\nExecStart=/usr/bin/relevo-load serve\n",
            ])
            for (unit, words) in [
                ("app", "relevo wrap app -- /usr/bin/relevo-load OPTION"),
                ("dynamic", "DynamicUser=no"), ("dbus", "dbus.socket"), ("nosuch", "no such unit"),
            ] {
                let refused = try machine.run("relevo", "wrap", unit)
                #expect(refused.exit == .code(1))
                #expect(refused.errors.joined().contains(words), "\(unit): \(refused.errors)")
            }
            #expect(try machine.shell("find /etc -name '*relevo*'").output.isEmpty)
        }
    }
}

extension SystemdMachine {
    /// Where a service stands, by its own word.
    fileprivate func status(of service: String) throws -> ServiceStatus {
        let answer = try run("relevo", "status", "--json", service)
        return try JSONDecoder().decode(ServiceStatus.self, from: Data(answer.text.utf8))
    }
}
