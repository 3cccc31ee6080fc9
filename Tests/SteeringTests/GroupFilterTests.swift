import Kernel
import Steering
import TestKit
import Testing

/// Who hears what is sent to a group of hosts, and what of the kernel's drops was done on purpose.
@Suite(
    .ownNetwork, .needsRoot, .enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct GroupFilterTests {
    private static let group = SocketAddress.ipv4(0xEF01_0203, port: 5000)

    /// Two members of a reuseport group and of a multicast group on the loopback interface, with a client.
    private final class Two {
        let filter: GroupFilter
        let first: DatagramSocket
        let second: DatagramSocket
        let client: DatagramSocket
        let cookies: [UInt64]

        init(receiveBuffer: Int = 1 << 20) throws {
            filter = try GroupFilter()
            let options = DatagramSocketOptions(receiveBuffer: receiveBuffer)
            first = try DatagramSocket(for: group, options: options)
            second = try DatagramSocket(for: group, options: options)
            client = try DatagramSocket.bound(
                to: .loopback(), options: DatagramSocketOptions(reusePort: false))
            cookies = [try first.socketCookie(), try second.socketCookie()]
            try filter.join(first, hearing: false)
            try filter.join(second, hearing: false)
            try Self.bind(first)
            try Self.bind(second)
            try client.sendToGroups(through: 1)
        }

        private static func bind(_ socket: borrowing DatagramSocket) throws {
            try socket.bind(to: .ipv4(0, port: 5000))
            try socket.join(MulticastMembership(group: group, interface: 1))
        }

        func flip(to number: Int) throws {
            try filter.flip([(cookies[0], number == 0), (cookies[1], number == 1)])
        }

        func say(_ byte: UInt8) throws { try client.send([byte], to: group) }

        /// What each has; it is delivered before the sender's call returns.
        func heard() throws -> [[UInt8]] {
            [try Two.all(of: first), try Two.all(of: second)]
        }

        static func all(of socket: borrowing DatagramSocket) throws -> [UInt8] {
            var bytes: [UInt8] = []
            while let next = try socket.receive() { bytes += next.bytes }
            return bytes
        }

        func drops() throws -> [Int] {
            [Int(try first.memory().drops), Int(try second.memory().drops)]
        }

        var unheard: [Int] { cookies.map { filter.unheard(by: $0) } }
    }

    @Test func aFlipIsOneStoreAndWhatIsKeptFromTheOthersIsCounted() throws {
        let two = try Two()
        // Nothing is kept from anybody before the first flip.
        try two.say(1)
        #expect(try two.heard() == [[1], [1]])
        try two.flip(to: 0)
        try two.say(2)
        try two.flip(to: 1)
        try two.say(3)
        try two.say(4)
        try two.flip(to: 0)
        // Done again by a successor, nothing changes.
        try two.flip(to: 0)
        try two.say(5)
        #expect(try two.heard() == [[2, 5], [3, 4]])
        #expect(two.unheard == [2, 2])
        #expect(try two.drops() == two.unheard)
        // What is sent to the host comes as ever.
        try two.client.send([6], to: .loopback(port: 5000))
        #expect(try two.heard().joined().elementsEqual([6]))
        #expect(two.unheard == [2, 2])
    }

    @Test func whatFindsNoRoomIsNotTakenForIt() throws {
        let two = try Two(receiveBuffer: 2048)
        try two.flip(to: 0)
        for number in 0..<100 { try two.say(UInt8(number)) }
        let had = try two.heard()
        #expect(had[1].isEmpty && !had[0].isEmpty)
        #expect(two.unheard == [0, 100])
        #expect(try two.drops() == [100 - had[0].count, 100])
    }

    @Test func oneThatTakesAnothersPlaceHearsWhatItDid() throws {
        let two = try Two()
        try two.flip(to: 1)
        #expect(two.cookies.map { two.filter.hears($0) } == [false, true])
        // A slot that becomes current by itself.
        try two.filter.turn(two.cookies[0], hearing: true)
        try two.say(1)
        #expect(try two.heard() == [[1], [1]])
        // Known already, it hears as before.
        try two.filter.turn(two.cookies[0], hearing: false)
        try two.filter.join(two.first, hearing: true)
        try two.say(2)
        #expect(try two.heard() == [[], [2]])
        // Forgotten, nothing is kept from it.
        two.filter.leave(two.cookies[0])
        try two.say(3)
        #expect(try two.heard() == [[3], [3]])
        #expect(two.filter.unheard(by: two.cookies[0]) == 0)
    }

    @Test func theNextSupervisorGoesOnWithIt() throws {
        let two = try Two()
        try two.flip(to: 0)
        try two.say(1)
        let filter = two.filter
        let next = GroupFilter { part in
            var taken: OwnedDescriptor?
            filter.withDescriptors { if $0 == part { taken = try? $1.duplicate() } }
            return taken
        }
        let resumed = try #require(next)
        #expect(resumed.unheard(by: two.cookies[1]) == 1)
        try resumed.join(two.second, hearing: true)
        try resumed.flip([(two.cookies[0], false), (two.cookies[1], true)])
        try two.say(2)
        #expect(try two.heard() == [[1], [2]])
        #expect(GroupFilter { _ in nil } == nil)
        #expect(GroupFilter { _ in try? MemoryFile(named: "other").intoDescriptor() } == nil)
    }

    @Test func aFilterOfSomebodyElseStaysAndOneOfAnOlderSupervisorGoes() throws {
        let two = try Two()
        try two.flip(to: 1)
        try two.first.attachFilter([ClassicInstruction(code: 0x06, operand: 100)])
        try two.filter.attach(to: two.first)
        try two.say(1)
        #expect(try two.heard() == [[1], [1]])
        try two.first.detachFilter()
        #expect(try two.first.turnFromGroups())
        try two.say(2)
        #expect(two.unheard[0] == 0)
        try two.filter.attach(to: two.first)
        try two.say(3)
        #expect(two.unheard[0] == 1)
        #expect(try two.heard() == [[], [2, 3]])
    }
}
