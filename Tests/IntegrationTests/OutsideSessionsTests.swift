import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    /// Sessions that do not pass the listeners' own sockets.
    @Suite struct SessionsOutsideTheListeners {
        /// Answers a first datagram from a socket of its own, connected to the client, or where "port" is
        /// asked for, with the number of a port that it binds; "end" ends a session.
        private static let body = """
            share = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            poll = select.poll()
            what = {}
            def add(each, kind):
                what[each.fileno()] = (each, kind)
                poll.register(each, select.POLLIN)
            def end(each):
                poll.unregister(each)
                del what[each.fileno()]
                each.close()
            add(udp("127.0.0.1", 4433, share), "first")
            add(tcp(), "door")
            # Not a session: it was there before the worker served.
            add(udp("127.0.0.1", 7000 + int(me[0])), "always")
            port = 20000 + 100 * int(me[0])
            while True:
                for number, _ in poll.poll():
                    each, kind = what[number]
                    if kind == "door":
                        add(each.accept()[0], "connection")
                    elif kind == "connection":
                        if not each.recv(99): end(each)
                    else:
                        data, peer = each.recvfrom(2048)
                        if data == b"end":
                            end(each)
                        elif data == b"port":
                            port += 1
                            add(udp("127.0.0.1", port), "port")
                            each.sendto(str(port).encode(), peer)
                        elif kind == "first":
                            one = udp("127.0.0.1", 4433, share)
                            one.connect(peer)
                            add(one, "connected")
                            one.send(me.encode())
                        else:
                            each.sendto(me.encode(), peer)
            """

        private static let each = OutsideStatus(connections: 2, connected: 2, ports: 2)

        private func current(_ options: String...) throws -> Service {
            try Service.current(
                quick + ["--listen", "tcp://\(address)"] + options,
                command: BindingWorker.command(Self.body))
        }

        /// Two sessions of each kind.
        private func sessions() throws -> [OutsideSession] {
            [try OutsideSession(), try OutsideSession()]
        }

        @Test func keepTheirProcessUntilTheLastOneHasEnded() throws {
            let service = try current()
            let sessions = try sessions()
            #expect(try service.upgrade())
            // The flow of each one's first datagram has ended by then.
            #expect(try service.eventually(1) { $0.flows == 0 && $0.outside == Self.each })
            for session in sessions { #expect(try session.isServed(by: "1.0")) }
            #expect(
                try service.relevo("status").output.contains(
                    "  generation 1 has besides its flows: "
                        + "2 connections, 2 connected sockets, 2 own ports"))
            for session in sessions { session.disconnect() }
            #expect(try service.eventually(1) { $0.outside?.connections == 0 })
            for session in sessions { try session.endCall() }
            #expect(try service.eventually(1) { $0.outside == OutsideStatus(connected: 2) })
            #expect(try service.generation(1)?.state == .draining)
            for session in sessions { try session.endConnected() }
            #expect(try service.ended(1))
            let handover = try #require(try service.status().lastHandover)
            #expect(handover.result == .completed)
            #expect(handover.cutOutside == OutsideStatus())
            #expect(handover.cutFlows == 0)
        }

        @Test func areCutAtTheDeadlineAndCountedByKind() throws {
            let service = try current("--drain-timeout", "3s")
            let sessions = try sessions()
            #expect(try service.upgrade("--wait", "drained"))
            let handover = try #require(try service.status().lastHandover)
            #expect(handover.cutOutside == Self.each)
            #expect(handover.phases.drain ?? 0 >= 3)
            #expect(
                try service.line(
                    with: "completed, 2 connections, 2 connected sockets, 2 own ports cut") != nil)
            withExtendedLifetime(sessions) {}
        }

        @Test func countAsCutWhereADrainDoesNotWaitForThem() throws {
            let service = try current("--drain-waits-for", "flows,reported")
            let sessions = try sessions()
            #expect(try service.upgrade("--wait", "drained"))
            #expect(try service.status().lastHandover?.cutOutside == Self.each)
            withExtendedLifetime(sessions) {}
        }

        @Test func areKnownToTheNextSupervisor() throws {
            let service = try current()
            let sessions = try sessions()
            try service.succeed()
            #expect(try service.upgrade())
            #expect(try service.eventually(1) { $0.flows == 0 && $0.outside == Self.each })
            try service.succeed()
            #expect(try service.eventually(1) { $0.outside == Self.each })
            for session in sessions { #expect(try session.isServed(by: "1.0")) }
        }

        @Test func holdUpTheServicesStop() throws {
            let service = try current()
            let sessions = try sessions()
            let stop = try service.starting("stop")
            #expect(try service.eventually(1) { $0.flows == 0 && $0.outside == Self.each })
            for session in sessions {
                #expect(try session.isServed(by: "1.0"))
                session.disconnect()
                try session.endCall()
                try session.endConnected()
            }
            #expect(try stop.finished().succeeded)
        }
    }
}

/// One session of each kind, of the server of these tests.
private final class OutsideSession {
    private var connection: StreamConnection?
    private let connected: Question
    private let call: Question

    init() throws {
        let place = SocketAddress.loopback(port: 4433)
        connection = try StreamConnection(to: place)
        connected = try Question(to: place)
        let greeting = try connected.ask()
        try #require(greeting == "1.0")
        let asking = try Question(to: place)
        let port = try asking.ask("port")
        call = try Question(to: .loopback(port: try #require(port.flatMap { UInt16($0) })))
    }

    /// Whether the connection stands, and this worker answers the others.
    func isServed(by worker: String) throws -> Bool {
        // A connection that has ended can be read.
        guard try connection?.isReadable() == false else { return false }
        let answers = (try connected.ask(), try call.ask())
        return answers == (worker, worker)
    }

    func disconnect() { connection = nil }

    func endConnected() throws { try connected.say("end") }

    func endCall() throws { try call.say("end") }
}
