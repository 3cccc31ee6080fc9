import Kernel
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct DatagramBatchTests {
    /// Where the server is bound, what the client sends to, and where from.
    static let routes: [(String, String, String)] = [
        ("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"),
        ("0.0.0.0:0", "127.0.0.5:0", "127.0.0.9:0"),
        ("[::]:0", "[::1]:0", "[::1]:0"),
        ("[::]:0", "[::ffff:127.0.0.5]:0", "[::ffff:127.0.0.9]:0"),
    ]

    @Test(arguments: routes)
    func answersComeFromTheAddressThatWasAsked(
        _ bound: String, _ asked: String, _ from: String
    ) throws {
        let server = try DatagramSocket.bound(
            to: try #require(SocketAddress(bound)), options: .init(reusePort: false, v6Only: false))
        try server.reportLocalAddresses()
        var target = try #require(SocketAddress(asked))
        target.port = try server.localAddress().port
        let source = try #require(SocketAddress(from))
        let client = try DatagramSocket.bound(
            to: source, options: .init(reusePort: false, v6Only: source.isIPv6 ? false : nil))
        let questions = DatagramBatch(capacity: 3, datagramSize: 64)
        for index in 0..<3 {
            questions[peer: index] = target
            questions[bytes: index] = [UInt8](repeating: 0, count: 8)
            questions.store(UInt64(index), at: 0, in: index)
        }
        #expect(try questions.send(through: client, 0..<3) == 3)

        let answers = DatagramBatch(capacity: 8, datagramSize: 64)
        let clientAddress = try client.localAddress()
        let received = try answers.exchange(on: server, waiting: true) { index in
            #expect(answers[peer: index] == clientAddress)
            var told = answers[local: index]
            told?.port = target.port
            #expect(told == target)
            let number = answers.load(UInt64.self, at: 0, in: index)
            answers.store(number + 100, at: 0, in: index)
            return number == 1 ? nil : 8
        }
        #expect(received == 3)
        for expected in [UInt64(100), 102] {
            let answer = try #require(try client.receive(within: .seconds(5)))
            #expect(answer.source == target)
            #expect(answer.bytes == withBytes(of: expected))
        }
        #expect(try client.receive() == nil)
    }

    @Test func oneSocketSpeaksFromManyLocalAddresses() throws {
        let server = try DatagramSocket.bound(to: .loopback(), options: .alone)
        let client = try DatagramSocket.bound(
            to: try #require(SocketAddress("0.0.0.0:0")), options: .alone)
        let batch = DatagramBatch(capacity: 20)
        for index in 0..<20 {
            batch[peer: index] = try server.localAddress()
            batch[local: index] = .ipv4(0x7F00_0101 + UInt32(index), port: 0)
            batch[bytes: index] = [UInt8(index)]
        }
        #expect(try batch.send(through: client, 0..<20) == 20)
        for index in 0..<20 {
            let datagram = try #require(try server.receive(within: .seconds(5)))
            let port = try client.localAddress().port
            #expect(datagram.source == .ipv4(0x7F00_0101 + UInt32(index), port: port))
        }
    }

    @Test func aConnectedSocketNeedsNoPeer() throws {
        let server = try DatagramSocket.bound(to: .loopback(), options: .alone)
        let client = try DatagramSocket.bound(to: .loopback(), options: .alone)
        try client.connect(to: server.localAddress())
        let batch = DatagramBatch(capacity: 2)
        batch[bytes: 0] = [1]
        batch[bytes: 1] = []
        #expect(try batch.send(through: client, 0..<2) == 2)
        #expect(try server.receive(within: .seconds(5))?.bytes == [1])
        #expect(try server.receive(within: .seconds(5))?.bytes == [])
    }

    @Test func aDatagramLongerThanItsRoomIsCut() throws {
        let server = try DatagramSocket.bound(to: .loopback(), options: .alone)
        let client = try DatagramSocket.bound(to: .loopback(), options: .alone)
        try client.send([UInt8](repeating: 5, count: 100), to: server.localAddress())
        let batch = DatagramBatch(capacity: 1, datagramSize: 10)
        #expect(try batch.receive(from: server) == 1)
        #expect(batch[bytes: 0] == [UInt8](repeating: 5, count: 10))
        #expect(try batch.receive(from: server) == 0)
    }

    private func withBytes(of number: UInt64) -> [UInt8] {
        (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
