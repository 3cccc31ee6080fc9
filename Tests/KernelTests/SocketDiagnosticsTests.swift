import Kernel
import TestKit
import Testing

@Suite(.ownNetwork, .needsRoot) struct SocketDiagnosticsTests {
    @Test(arguments: [SocketAddress.loopback(), .loopback6()])
    func tellEverySocketOfUDPWithItsPeer(_ address: SocketAddress) throws {
        let socket = try DatagramSocket.bound(to: address)
        let peer = try DatagramSocket.bound(to: address, options: .alone)
        try socket.connect(to: try peer.localAddress())
        let found = try Self.dump(.init(isIPv6: address.isIPv6, isStream: false))
        let inode = try socket.inode()
        let one = try #require(found.first { $0.inode == inode })
        #expect(try one.local == socket.localAddress() && one.peer == peer.localAddress())
        #expect(one.hasPeer && one.state == .established && found.count == 2)
        let port = try peer.localAddress().port
        let others = try Self.dump(
            .init(isIPv6: address.isIPv6, isStream: false, localPort: port))
        #expect(others.count == 1 && others.first?.hasPeer == false)
    }

    @Test func tellListenersAndConnectionsApart() throws {
        let listener = try StreamListener.bound(to: .loopback())
        let client = try StreamConnection.connecting(to: try listener.localAddress())
        #expect(try listener.wait(for: .readable, within: .seconds(20)))
        guard let accepted = try listener.accept() else {
            Issue.record("nobody has connected")
            return
        }
        let port = try listener.localAddress().port
        let open = try Self.dump(
            .init(isIPv6: false, isStream: true, states: SocketState.open, localPort: port))
        #expect(open.count == 1 && open.first?.state == .established)
        let waiting = try Self.dump(.init(isIPv6: false, isStream: true, states: [.listening]))
        #expect(waiting.count == 1)
        let ends = (try client.inode(), try accepted.inode())
        #expect(ends.0 != ends.1 && open.first?.inode == ends.1)
    }

    @Test func comeInPiecesOfWhichEachIsSmall() throws {
        var sockets: [SharedDescriptor] = []
        for _ in 0..<1000 {
            let one = try DatagramSocket.bound(to: .loopback(), options: .alone)
            sockets.append(SharedDescriptor(one.intoDescriptor()))
        }
        var diagnostics = try SocketDiagnostics()
        try diagnostics.ask(.init(isIPv6: false, isStream: false))
        var (pieces, total, more) = (0, 0, true)
        while more {
            var count = 0
            more = try diagnostics.take { _ in count += 1 }
            #expect(count <= 512)
            pieces += 1
            total += count
        }
        #expect(total == 1000 && pieces > 2)
        // And again.
        total = 0
        try diagnostics.all(.init(isIPv6: false, isStream: false)) { _ in total += 1 }
        #expect(total == 1000)
        withExtendedLifetime(sockets) {}
    }

    private static func dump(
        _ question: SocketDiagnostics.Question
    ) throws -> [DiagnosedSocket] {
        var diagnostics = try SocketDiagnostics()
        var found: [DiagnosedSocket] = []
        try diagnostics.all(question) { found.append($0) }
        return found
    }
}
