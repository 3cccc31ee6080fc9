import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    /// Servers that know nothing of Relevo, as Debian has them: they call bind(2).
    @Suite struct RealServersAreUpgradedUnderLoad {
        @Test(
            .needsProgram("dnsmasq", in: "dnsmasq-base"), arguments: ["", "bind-interfaces"])
        func dnsmasq(binding: String) throws {
            try upgradeDNS(try RealServer.dnsmasq(binding))
        }

        @Test(.needsProgram("unbound", in: "unbound")) func unbound() throws {
            try upgradeDNS(try RealServer.unbound())
        }

        @Test(.needsProgram("named", in: "bind9")) func named() throws {
            try upgradeDNS(try RealServer.named())
        }

        @Test(.needsProgram("dnsmasq", in: "dnsmasq-base"))
        func andAPlainRestartLosesWhatTheseTestsWouldSee() throws {
            let server = try RealServer.dnsmasq("bind-interfaces")
            let old = try TestProcess(server.command)
            #expect(try eventually { try dnsOverTCP() })
            let load = try Load(to: address, dns + ["--duration", "5min", "--timeout", "500ms"])
            let before = try refusals()
            try old.signal(SignalNumber.terminate)
            #expect(try old.exit() != nil)
            #expect(try eventually { try refusals() > before })
            let new = try TestProcess(server.command)
            #expect(try eventually { try dnsOverTCP() })
            try new.signal(SignalNumber.terminate)
            let result = try load.stopped()
            #expect(!result.ok)
            #expect(result.lost + result.refused > 0, "\(result)")
        }

        @Test func aPythonProgramKeepsItsSessions() throws {
            let command = [PythonWorker.interpreter, "-IS", "-c", pythonEcho]
            let service = try Service.current(quick, command: command)
            let lasting = try service.load(lastingFlows)
            let load = try service.load(changingFlows)
            for _ in 2...4 { #expect(try service.upgrade()) }
            #expect(try service.receives(500))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3, 4), "\(result)")
            let stayed = try lasting.stopped()
            #expect(stayed.isAnswered(by: 1), "\(stayed)")
        }

        @Test(
            .needsProgram("nginx", in: "nginx and libnginx-mod-stream"),
            arguments: zip(["", " reuseport"], [1, 2]))
        func nginxKeepsTheSessionsThatItProxies(parameters: String, processes: Int) throws {
            let backend = try TestProcess(try echo("--listen", "127.0.0.1:4500"))
            let server = try RealServer.nginx(parameters, processes: processes)
            let service = try Service.current(
                quick + ["--private", server.privateFolder], command: server.command)
            let lasting = try service.load(lastingFlows)
            let load = try service.load(changingFlows)
            for _ in 2...4 { #expect(try service.upgrade()) }
            #expect(try service.receives(500))
            for load in [load, lasting] {
                // To the server behind it a proxied session that moves is another flow.
                let result = try load.stopped()
                #expect(result.ok && result.sent > 0 && result.answered == result.sent, "\(result)")
                #expect(result.moved == 0 && result.stateGone == 0, "\(result)")
            }
            #expect(try service.status().current == 4)
            try backend.signal(SignalNumber.terminate)
            #expect(try backend.exit() == .code(0))
        }

        /// Answers relevo-load as its own server does; it takes no socket, it binds.
        private var pythonEcho: String {
            """
            import asyncio, os, struct

            class Echo(asyncio.DatagramProtocol):
                def connection_made(self, transport):
                    self.transport = transport
                    self.counts = {}

                def datagram_received(self, data, peer):
                    key = peer, data[8:16], data[56:64]
                    self.counts[key] = self.counts.get(key, 0) + 1
                    answer = bytearray(data)
                    answer[4:8] = struct.pack(">I", 1 | 2 << 16)
                    numbers = int(os.environ["RELEVO_GENERATION"]), 0, os.getpid(), 0
                    answer[32:56] = struct.pack(">4IQ", *numbers, self.counts[key])
                    self.transport.sendto(answer, peer)

            async def main():
                loop = asyncio.get_running_loop()
                await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 4433))
                await loop.create_future()

            asyncio.run(main())
            """
        }

        private let dns = ["--dns", "www.example.com", "--rate", "1000"]

        /// Both its sockets are handed over, and no query is lost.
        private func upgradeDNS(_ server: RealServer) throws {
            let service = try Service.current(
                [
                    "--listen", "udp://\(address)", "--listen", "tcp://\(address)",
                    "--steering", "stateless", "--linger", "100ms",
                ], command: server.command)
            let load = try service.load(dns)
            for _ in 2...4 {
                #expect(try dnsOverTCP())
                #expect(try service.upgrade("--wait", "drained"))
                #expect(try service.receives(200))
            }
            #expect(try dnsOverTCP())
            let result = try load.stopped()
            #expect(result.ok && result.sent > 0 && result.answered == result.sent, "\(result)")
            let status = try service.status()
            #expect(status.current == 4)
            #expect(status.listeners.allSatisfy { $0.counters.drops == 0 })
        }

        /// Datagrams to a port of this network that nobody had bound.
        private func refusals() throws -> Int {
            let lines = String(decoding: try readFile("/proc/thread-self/net/snmp"), as: UTF8.self)
                .split(separator: "\n")
                .filter { $0.hasPrefix("Udp: ") }
            let fields = zip(lines[0].split(separator: " "), lines[1].split(separator: " "))
            return try #require(fields.first { $0.0 == "NoPorts" }.flatMap { Int($0.1) })
        }

        /// Whether a query over TCP is answered with a record.
        private func dnsOverTCP() throws -> Bool {
            let text = """
                import socket, sys
                query = bytes.fromhex("0007010000010000000000000377777707") + b"example\\3com\\0\\0\\1\\0\\1"
                with socket.create_connection(("127.0.0.1", 4433), timeout=10) as connection:
                    connection.sendall(len(query).to_bytes(2, "big") + query)
                    answer = connection.makefile("rb").read(2 + 8)
                sys.exit(answer[5] & 15 or answer[9] == 0)
                """
            return try Finished.running([PythonWorker.interpreter, "-IS", "-c", text]).succeeded
        }
    }
}
