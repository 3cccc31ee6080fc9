import ControlProtocol
import Kernel
import TestKit
import Testing

/// Listeners that an upgrade adds and removes.
@Suite(.ownNetwork, .needsRoot) struct ChangedListenersTests {
    private let folder: TemporaryFolder
    private var file: String { folder.file("echo.conf") }

    init() throws { folder = try TemporaryFolder() }

    private func write(ports: [Int], _ more: String...) throws {
        var lines = [
            "[Service]", "Name=echo", "Linger=20ms", "Workers=2", "ReadyTimeout=5s",
            "Command=\(try Programs.echo().joined(separator: " "))",
        ]
        lines += more
        for port in ports { lines += ["[Listener]", "Address=udp://127.0.0.1:\(port)"] }
        try writeFile(file, Array(lines.joined(separator: "\n").utf8))
    }

    private func service(ports: [Int], _ more: String...) throws -> Service {
        try write(ports: ports)
        return try Service.current(["--config", file] + more, command: [])
    }

    private func ports(of service: Service) throws -> [String] {
        try service.status().listeners.map { String($0.address.suffix(4)) }
    }

    private func answers(_ service: Service, at port: Int) throws -> Bool {
        let result = try service.probe(flows: 4, to: "127.0.0.1:\(port)")
        return result.ok && result.answered > 0
    }

    @Test func oneIsAddedAndOneRemovedWithoutLoss() throws {
        let service = try service(ports: [4433, 4434])
        let kept = try service.load(["--flows", "50", "--rate", "500"])
        let lasting = try Load(
            to: "127.0.0.1:4434", ["--flows", "20", "--rate", "200", "--duration", "5min"])
        #expect(try service.eventually { $0.listeners.last?.counters.newFlows ?? 0 >= 20 })

        try write(ports: [4433, 4435])
        #expect(
            try service.status().changedSettings?.sorted() == [
                "[Listener] udp://127.0.0.1:4434 (removed)",
                "[Listener] udp://127.0.0.1:4435 (added)",
            ])
        #expect(try service.upgrade())
        #expect(try answers(service, at: 4435))
        // The old generation has its flows still.
        #expect(try service.generation(1)?.state == .draining)
        #expect(try ports(of: service) == ["4433", "4434", "4435"])
        #expect(try service.status().changedSettings == [])

        let left = try lasting.stopped()
        #expect(left.ok && left.isAnswered(by: 1), "\(left.faults)")
        let result = try kept.stopped()
        #expect(result.ok, "\(result.faults)")
        #expect(try service.relevo("drain", "--timeout", "0").exit == .code(0))
        #expect(try service.ended(1))
        #expect(try service.eventually { $0.listeners.map(\.address).count == 2 })
        #expect(try ports(of: service) == ["4433", "4435"])
        #expect(try !answers(service, at: 4434))
        #expect(try service.status().lastHandover?.drops == 0)
    }

    @Test func aRollbackHasThemAsTheyWere() throws {
        let service = try service(ports: [4433, 4434])
        let load = try service.load(["--flows", "20", "--rate", "200"])
        try write(ports: [4433, 4435])
        #expect(try service.upgrade())
        #expect(try answers(service, at: 4435))
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try service.eventually { $0.current == 1 })
        let old = try service.probe(flows: 4, to: "127.0.0.1:4434")
        #expect(old.ok && old.isAnswered(by: 1), "\(old.faults)")
        // One of its workers that dies gets all of them again.
        try service.kill()
        #expect(try service.eventually { $0.generations.first?.workers.first?.restarts == 1 })
        #expect(
            try service.eventually { status in
                status.generations.first?.workers.allSatisfy { $0.state == .ready } ?? false
            })
        #expect(try answers(service, at: 4434))
        #expect(try load.stopped().refused == 0)
        #expect(try service.relevo("drain", "--timeout", "0").exit == .code(0))
        #expect(try service.ended(2))
        #expect(try service.eventually { $0.listeners.count == 2 })
        #expect(try ports(of: service) == ["4433", "4434"])
        #expect(try service.status().changedSettings?.count == 2)
    }

    @Test func anUpgradeThatFailsChangesNone() throws {
        let service = try service(ports: [4433, 4434])
        let load = try service.load(["--flows", "20", "--rate", "200"])
        try write(ports: [4433, 4435], "ReadyTimeout=1s")
        #expect(try service.relevo("upgrade", "--", "/bin/false").exit == .code(1))
        #expect(try ports(of: service) == ["4433", "4434"])
        #expect(try service.status().changedSettings?.count == 2)
        #expect(try answers(service, at: 4434))
        // Somebody else has the address of the one that is to be added.
        do {
            let other = try DatagramSocket.bound(
                to: try #require(SocketAddress("127.0.0.1:4435")))
            defer { extendLifetime(other) }
            let refused = try service.relevo("upgrade")
            #expect(refused.exit == .code(1))
            #expect(refused.errors.joined().contains("127.0.0.1:4435"), "\(refused)")
            #expect(try ports(of: service) == ["4433", "4434"])
        }
        #expect(try service.upgrade())
        #expect(try answers(service, at: 4435))
        #expect(try load.stopped().ok)
    }

    @Test func theNextSupervisorKnowsWhichThereAre() throws {
        let service = try service(ports: [4433, 4434])
        let lasting = try service.load(lastingFlows)
        try write(ports: [4433, 4435])
        #expect(try service.upgrade())
        try service.succeed()
        #expect(try ports(of: service) == ["4433", "4434", "4435"])
        #expect(try answers(service, at: 4435))
        #expect(try service.status().changedSettings == [])
        #expect(try lasting.stopped().ok)
        #expect(try service.relevo("drain", "--timeout", "0").exit == .code(0))
        #expect(try service.ended(1))
        #expect(try service.eventually { $0.listeners.count == 2 })
        #expect(try service.relevo("reexec").exit == .code(0))
        #expect(try ports(of: service) == ["4433", "4435"])
        // Its number is free for another one.
        try write(ports: [4433, 4435, 4436])
        #expect(try service.upgrade())
        #expect(try answers(service, at: 4436))
        #expect(try service.eventually { $0.listeners.count == 3 })
        try service.succeed()
        #expect(try answers(service, at: 4436))
        try write(ports: [4433])
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.eventually { $0.listeners.count == 1 })
    }

    @Test func withoutOverlapTheyStayAndItIsSaidWhatChangesThem() throws {
        let service = try service(ports: [4433, 4434], "--overlap", "no")
        try write(ports: [4433, 4435])
        let upgrade = try service.relevo("upgrade")
        #expect(upgrade.exit == .code(0))
        for port in [4434, 4435] {
            #expect(
                upgrade.errors.joined().contains("udp://127.0.0.1:\(port)")
                    && upgrade.errors.joined().contains("a stop and a start"), "\(upgrade)")
        }
        #expect(try service.line(with: "relevo stop echo, then start it as before") != nil)
        #expect(try service.status().current == 2)
        #expect(try ports(of: service) == ["4433", "4434"])
        #expect(try answers(service, at: 4434))
        #expect(try service.status().changedSettings?.count == 2)
    }

    @Test func theLastOneStays() throws {
        let service = try service(ports: [4433])
        try write(ports: [])
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.line(with: "the settings name no listener any more") != nil)
        #expect(try answers(service, at: 4433))
        #expect(
            try service.status().changedSettings == ["[Listener] udp://127.0.0.1:4433 (removed)"])
    }

    @Test func anOptionsListenerStays() throws {
        let service = try service(ports: [4433], "--listen", "udp://127.0.0.1:4440")
        let before = try ports(of: service)
        try write(ports: [4433, 4435])
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try ports(of: service) == before + ["4435"])
        try write(ports: [4433])
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.eventually { $0.listeners.count == before.count })
        #expect(try ports(of: service) == before)
    }
}
