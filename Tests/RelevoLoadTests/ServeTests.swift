import Kernel
import TestKit
import Testing

@testable import relevo_load

/// The server, its good behaviour and its bad one.
@Suite struct ServeTests {
    private func ask(_ count: Int, _ client: borrowing DatagramSocket) throws {
        let batch = DatagramBatch(capacity: 1)
        for sequence in 0..<count {
            Request(flow: 1, sequence: UInt64(sequence), sent: 0, run: 1)
                .write(to: batch, 0, size: 64)
            #expect(try client.send(batch[bytes: 0]))
        }
    }

    private func client(of echo: EchoFixture) throws -> DatagramSocket {
        let client = try DatagramSocket.bound(to: .loopback())
        try client.connect(to: try echo.socket.localAddress())
        return client
    }

    private func answers(_ client: borrowing DatagramSocket) throws -> [UInt64] {
        let batch = DatagramBatch(capacity: 1)
        var counts: [UInt64] = []
        while let datagram = try client.receive() {
            batch[bytes: 0] = datagram.bytes
            counts.append(try #require(EchoAnswer(batch, 0)).count)
        }
        return counts
    }

    @Test func onSIGTERMWhatIsQueuedIsAnsweredFirst() throws {
        let echo = try EchoFixture()
        let client = try client(of: echo)
        let server = try echo.server()
        try ask(1, client)
        #expect(try client.wait(for: .readable, within: .seconds(20)))
        try server.signal(19)  // SIGSTOP
        try ask(150, client)
        try server.signal(SignalNumber.terminate)
        try server.signal(18)  // SIGCONT
        #expect(try server.exit() == .code(0))
        #expect(try answers(client) == Array(1...151))
    }

    @Test func anAbruptServerLeavesItsQueue() throws {
        let echo = try EchoFixture()
        let client = try client(of: echo)
        let server = try echo.server("--slow-answer", "1h", "--abrupt")
        try ask(5, client)
        #expect(try eventually { try echo.socket.memory().receiveAllocated == 0 })
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit() == .code(0))
        #expect(try answers(client) == [])
    }

    @Test func workInFlightIsFinishedOnSIGTERM() throws {
        let echo = try EchoFixture()
        let client = try client(of: echo)
        let server = try echo.server("--slow-answer", "200ms")
        try ask(5, client)
        #expect(try eventually { try echo.socket.memory().receiveAllocated == 0 })
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit() == .code(0))
        #expect(try answers(client) == [1, 2, 3, 4, 5])
    }

    @Test func aServerCanEndAtOnce() throws {
        let echo = try EchoFixture()
        #expect(try echo.server("--exit-at-once", "7").exit() == .code(7))
    }

    @Test func aServerThatIgnoresItsSocketsReadsNothing() throws {
        let echo = try EchoFixture()
        let folder = try TemporaryFolder()
        let notices = try NotifySocket(at: UnixAddress(folder.file("notify")))
        let server = try echo.server(
            "--ignore-sockets", environment: ["NOTIFY_SOCKET=\(folder.file("notify"))"])
        #expect(try notices.wait(for: .readable, within: .seconds(20)))
        try ask(1, try client(of: echo))
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit() == .code(0))
        #expect(try echo.socket.isReadable())
    }

    @Test func aServerThatHangsHeedsNoSIGTERM() throws {
        let echo = try EchoFixture()
        let server = try echo.server("--hang")
        let client = try client(of: echo)
        #expect(try eventually { try ProcessView.text("syscall", of: server.pid).count > 8 })
        try ask(1, client)
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit(within: .milliseconds(300)) == nil)
        #expect(try echo.socket.isReadable())
    }

    @Test func aServerCanBlockInItsReads() throws {
        let echo = try EchoFixture()
        let server = try echo.server("--blocking")
        let client = try client(of: echo)
        try ask(1, client)
        #expect(try client.wait(for: .readable, within: .seconds(20)))
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit() == .signal(15, dumpedCore: false))
    }

    @Test func aServerWithoutASocketSaysSo() throws {
        let finished = try Finished.running([try Programs.path("relevo-load"), "serve"])
        #expect(finished.exit == .code(1))
        #expect(
            finished.errors == [
                "relevo-load: no socket: give --listen or start it under a supervisor"
            ])
    }

    private func next(_ notices: borrowing NotifySocket) throws -> String {
        guard let message = try notices.receive() else { return "" }
        return String(decoding: message.bytes, as: UTF8.self)
    }

    @Test func readyAndStoppingAreTold() throws {
        let echo = try EchoFixture()
        let folder = try TemporaryFolder()
        let notices = try NotifySocket(at: UnixAddress(folder.file("notify")))
        let server = try echo.server(
            environment: ["NOTIFY_SOCKET=\(folder.file("notify"))", "RELEVO_GENERATION=3"])
        #expect(try notices.wait(for: .readable, within: .seconds(20)))
        #expect(try next(notices).contains("READY=1"))
        try server.signal(SignalNumber.terminate)
        #expect(try notices.wait(for: .readable, within: .seconds(20)))
        #expect(try next(notices) == "STOPPING=1")
        #expect(try server.exit() == .code(0))
    }
}
