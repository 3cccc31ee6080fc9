import Foundation
import Kernel
import Synchronization
import SystemPackage
import TestKit
import Testing

@testable import RelevoClient

/// Each kind of listener on the kernel that this runs on; `accept-on-kernels` runs it on others.
@Suite(.ownNetwork) struct AcceptTests {
    static let places = ["127.0.0.1", "0.0.0.0", "[::1]", "[::]"]

    @Test(.needsRoot, arguments: places)
    func aPeersDatagramsComeToItsSocketWhateverHappensToTheGroup(_ host: String) throws {
        let worker = try lonelyWorker()
        let first = try DatagramSocket.bound(to: try #require(SocketAddress("\(host):4433")))
        let second = try DatagramSocket.bound(to: first.localAddress())
        let isSix = host.hasPrefix("[")
        let home = isSix ? SocketAddress.loopback6() : .loopback()
        let target = isSix ? SocketAddress.loopback6(port: 4433) : .loopback(port: 4433)
        let peers = try Peers(count: 20, at: home)
        let strangers = try Peers(count: 50, at: home)
        var accepted: [DatagramSocketBox] = []
        for peer in try peers.addresses() {
            let number = try first.withRaw { listener in
                try worker.accept(
                    try #require(InternetAddress("\(peer)")), on: listener,
                    stray: { _, _ in Issue.record("nobody had sent anything") })
            }
            accepted.append(DatagramSocketBox(try #require(number)))
        }
        try peers.send(to: target)
        for (index, socket) in accepted.enumerated() {
            #expect(try socket.socket.receive()?.bytes == [UInt8(index)])
            #expect(try socket.socket.receive() == nil)
        }
        let third = try DatagramSocket.bound(to: first.localAddress())
        _ = consume second
        try peers.send(to: target)
        try strangers.send(to: target)
        for (index, socket) in accepted.enumerated() {
            #expect(try socket.socket.receive()?.bytes == [UInt8(index)])
            #expect(try socket.socket.receive() == nil)
        }
        let counts = [try first.discardQueue(), try third.discardQueue()]
        #expect(counts[0] + counts[1] == 50 && counts[0] > 5 && counts[1] > 5)
        // Answers leave from the listener's address.
        #expect(try accepted[3].socket.send([7]))
        #expect(try peers.sockets[3].socket.receive()?.source == target)
    }

    @Test(.needsRoot) func aPeerThatIsThereAlreadyAndAWrongOneAreRefused() throws {
        let worker = try lonelyWorker()
        let listener = try DatagramSocket.bound(to: .loopback(port: 4433))
        let other = try #require(InternetAddress("[2001:db8::1]:5"))
        let noPort = try #require(InternetAddress("127.0.0.1:0"))
        for peer in [other, noPort] {
            #expect(throws: RelevoError(.accept, .invalid)) {
                _ = try listener.withRaw {
                    try worker.accept(peer, on: $0, stray: { _, _ in })
                }
            }
        }
        let file = try MemoryFile(named: "no socket")
        #expect(throws: RelevoError(.accept, .invalid)) {
            _ = try file.withRaw {
                try worker.accept(
                    InternetAddress(v4: 0x7f00_0001, port: 5), on: $0, stray: { _, _ in })
            }
        }
    }

    @Test(.needsRoot) func whereTheListenerIsInNoGroupItServesItself() throws {
        let worker = try lonelyWorker()
        let listener = try DatagramSocket.bound(
            to: .loopback(port: 4433), options: .init(reusePort: false))
        let number = try listener.withRaw {
            try worker.accept(
                InternetAddress(v4: 0x7f00_0001, port: 5), on: $0, stray: { _, _ in })
        }
        #expect(number == nil)
    }

    @Test(.needsRoot) func onAWildcardTheAddressThatThePeerSendsToIsKept() throws {
        let worker = try lonelyWorker()
        let listener = try DatagramSocket.bound(to: try #require(SocketAddress("0.0.0.0:4433")))
        let peers = try Peers(count: 1, at: .loopback())
        let peer = try #require(InternetAddress("\(try peers.addresses()[0])"))
        // All of 127.0.0.0/8 is this machine.
        let local = InternetAddress(v4: 0x7f01_0203, port: 4433)
        let number = try listener.withRaw {
            try worker.accept(peer, on: $0, local: local, stray: { _, _ in })
        }
        let accepted = DatagramSocketBox(try #require(number))
        try peers.send(to: try #require(SocketAddress("127.1.2.3:4433")))
        #expect(try accepted.socket.receive()?.bytes == [0])
        #expect(try accepted.socket.send([1]))
        #expect(try peers.sockets[0].socket.receive()?.source == SocketAddress("127.1.2.3:4433"))
    }

    @Test(.needsRoot, arguments: places)
    func underAFloodOfStrangersNothingIsLost(_ host: String) throws {
        let isSix = host.hasPrefix("[")
        let home = isSix ? SocketAddress.loopback6() : .loopback()
        let target = isSix ? SocketAddress.loopback6(port: 4433) : .loopback(port: 4433)
        let worker = try lonelyWorker()
        let listener = try DatagramSocket.bound(
            to: try #require(SocketAddress("\(host):4433")),
            options: .init(receiveBuffer: 64 << 20))
        let flood = try Flood(of: 20_000, from: home, to: target)
        flood.start()
        var strays = 0
        var heard = 0
        var accepted: [DatagramSocketBox] = []
        while !flood.isOver || accepted.count < 200 {
            flood.makeRoom()
            heard += try listener.discardQueue()
            if accepted.count == 200 { continue }
            let port = UInt16(30_000 + accepted.count)
            let peer =
                isSix
                ? InternetAddress(v6: 0, 1, port: port)
                : InternetAddress(v4: 0x7f00_0001, port: port)
            let number = try listener.withRaw {
                try worker.accept(peer, on: $0) { _, source in
                    #expect(source != peer)
                    strays += 1
                }
            }
            accepted.append(DatagramSocketBox(try #require(number)))
        }
        heard += try listener.discardQueue()
        for one in accepted { strays += try one.socket.discardQueue() }
        #expect(heard + strays == 20_000)
    }
}

/// A thread that sends datagrams, from one socket after the other, no faster than they are read.
private final class Flood: Sendable {
    private let count: Int
    private let sockets: Peers
    private let target: SocketAddress
    private let isDone = Atomic(false)
    private let room = DispatchSemaphore(value: 0)

    init(of count: Int, from home: SocketAddress, to target: SocketAddress) throws {
        self.count = count
        self.target = target
        sockets = try Peers(count: 50, at: home)
    }

    var isOver: Bool { isDone.load(ordering: .acquiring) }

    /// Lets it send another hundred. Room that it has not taken yet is not added to.
    func makeRoom() {
        _ = room.wait(timeout: .now())
        room.signal()
    }

    func start() {
        let thread = Thread {
            for number in 0..<self.count {
                let box = self.sockets.sockets[number % self.sockets.sockets.count]
                let isSent = try? box.socket.send([0], to: self.target)
                #expect(isSent == true)
                // A new socket's queue holds some hundreds until who has made it reads it.
                if number % 100 == 99 { self.room.wait() }
            }
            self.isDone.store(true, ordering: .releasing)
        }
        thread.start()
    }
}

/// Sockets that send, each with a number of its own.
private struct Peers: Sendable {
    let sockets: [DatagramSocketBox]

    init(count: Int, at home: SocketAddress) throws {
        sockets = try (0..<count).map { _ in
            DatagramSocketBox(try DatagramSocket.bound(to: home, options: .init(reusePort: false)))
        }
    }

    func addresses() throws -> [SocketAddress] { try sockets.map { try $0.socket.localAddress() } }

    func send(to target: SocketAddress) throws {
        for (index, one) in sockets.enumerated() {
            #expect(try one.socket.send([UInt8(index)], to: target))
        }
    }
}

/// A socket that can be kept in an array.
private final class DatagramSocketBox: Sendable {
    let socket: DatagramSocket

    init(_ socket: consuming DatagramSocket) { self.socket = socket }

    init(_ number: CInt) { socket = DatagramSocket(adopting: OwnedDescriptor(adopting: number)) }
}
