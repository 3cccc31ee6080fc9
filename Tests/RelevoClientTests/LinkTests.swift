import Kernel
import SystemPackage
import TestKit
import Testing

@testable import RelevoClient

@Suite(.leavesNoDescriptors) struct LinkTests {
    static let source = InternetAddress(v4: 0xc000_0207, port: 4711)
    static let destination = InternetAddress(v6: 0x2001_0db8 << 32, 7, port: 53, scope: 3)

    @Test func datagramsArriveAsTheyWereForwarded() throws {
        var ends = try links()
        let sizes = [0, 1, 7, 8, 9, 1_200, 65_507]
        for size in sizes {
            let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            #expect(
                try forward(&ends.near, payload, Self.source, Self.destination, UInt64(size))
                    == true)
        }
        #expect(try ends.near.flush())
        for size in sizes {
            let (received, bytes) = try #require(try next(&ends.far))
            guard case .datagram(let datagram) = received else {
                Issue.record("no datagram")
                return
            }
            #expect(datagram.source == Self.source && datagram.destination == Self.destination)
            #expect(datagram.received == UInt64(size))
            #expect(bytes == (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        }
        #expect(try next(&ends.far) == nil)
    }

    @Test func aMessageComesAfterWhatWasForwardedBeforeIt() throws {
        var ends = try links()
        #expect(try forward(&ends.near, [1], nil, nil, 0))
        let file = try MemoryFile(named: "given")
        let isSent = try file.withRaw { number in
            try ends.near.send(Array("hello".utf8).span, descriptors: [number])
        }
        #expect(isSent)
        guard case (.datagram(let datagram), [1])? = try next(&ends.far) else {
            Issue.record("no datagram first")
            return
        }
        #expect(datagram.source == nil && datagram.destination == nil)
        guard case (.message(let descriptors), let bytes)? = try next(&ends.far) else {
            Issue.record("no message")
            return
        }
        #expect(bytes == Array("hello".utf8) && descriptors.count == 1)
        for number in descriptors {
            let owner = OwnedDescriptor(adopting: number)
            let target = try owner.withRaw { try readLink("/proc/thread-self/fd/\($0)") }
            #expect(target.hasPrefix("/memfd:given"))
        }
    }

    @Test func whatFindsNoRoomIsNotTakenAndNothingIsLost() throws {
        var ends = try links()
        let payload = [UInt8](repeating: 9, count: 1_000)
        var taken: UInt64 = 0
        while try forward(&ends.near, payload, nil, nil, taken) { taken += 1 }
        #expect(taken > 100)
        #expect(try !ends.near.flush())
        var seen: UInt64 = 0
        while seen < taken {
            guard case (.datagram(let datagram), let bytes)? = try next(&ends.far) else {
                #expect(try ends.near.flush())
                continue
            }
            #expect(datagram.received == seen && bytes == payload)
            seen += 1
        }
        #expect(try forward(&ends.near, payload, nil, nil, taken))
    }

    @Test func theEndOfTheOtherEndIsToldWhenAllHasBeenTaken() throws {
        var ends = try links()
        #expect(try forward(&ends.near, [1, 2], nil, nil, 0))
        #expect(try ends.near.flush())
        var far = ends.endNear()
        #expect(try next(&far)?.1 == [1, 2])
        #expect(throws: RelevoError(.receive, .ended)) { try next(&far) }
        #expect(try forward(&far, [1], nil, nil, 0))
        #expect(throws: RelevoError(.forward, .ended)) { try far.flush() }
    }

    @Test func aPacketThatIsNoneHarmsNothing() throws {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let hostile = pair.takeFirst()
        var link = try Link(adopting: pair.takeSecond().intoDescriptor().release())
        var one = [UInt8](repeating: 0, count: 72)
        one[0] = 1
        one[1] = 1
        one[2] = 1
        var longer = one
        longer[8] = 1
        var huge = one
        huge.replaceSubrange(8..<12, with: [0xff, 0xff, 0xff, 0xff])
        var many = one
        many[2] = 200
        var newer = one
        newer[1] = 2
        var unknown = one
        unknown[0] = 3
        let empty: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 0]
        let packets = [[1], empty, Array(one.prefix(71)), longer, huge, newer, unknown]
        for packet in packets {
            var list = DescriptorList()
            try list.append(duplicateOf: StandardStream.error)
            #expect(try hostile.send(packet))
            #expect(throws: RelevoError(.receive, .malformed)) { try next(&link) }
            #expect(try hostile.send(packet, descriptors: list))
            #expect(throws: RelevoError(.receive, .malformed)) { try next(&link) }
        }
        #expect(try hostile.send(many))
        #expect(try next(&link)?.1 == [])
        #expect(throws: RelevoError(.receive, .malformed)) { try next(&link) }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let size = Int.random(in: 1...300, using: &random)
            var packet = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            if size > 1 { (packet[0], packet[1]) = (.random(in: 0...3, using: &random), 1) }
            #expect(try hostile.send(packet))
            // Until the packet is used up, however it is understood.
            while (try? next(&link)) ?? nil != nil {}
        }
        #expect(try hostile.send(one))
        #expect(try next(&link)?.1 == [])
    }

    @Test func whatIsNoPacketSocketIsRefusedAndClosed() throws {
        let socket = try DatagramSocket(for: .loopback())
        let number = socket.intoDescriptor().release()
        #expect(throws: RelevoError(.link, .invalid)) { _ = try Link(adopting: number) }
    }

    private func links() throws -> Ends {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        return Ends(
            near: try Link(adopting: pair.takeFirst().intoDescriptor().release()),
            far: try Link(adopting: pair.takeSecond().intoDescriptor().release()))
    }

    private func forward(
        _ link: inout Link, _ payload: [UInt8], _ source: InternetAddress?,
        _ destination: InternetAddress?, _ received: UInt64
    ) throws -> Bool {
        try link.forward(
            payload.span, from: source, to: destination, received: received)
    }

    private func next(_ link: inout Link) throws(RelevoError) -> (Link.Received, [UInt8])? {
        try link.receive { received, bytes in
            (received, bytes.indices.map { bytes[$0] })
        }
    }
}

/// Both ends of a link.
private struct Ends: ~Copyable {
    var near: Link
    var far: Link

    /// Closes the near end.
    consuming func endNear() -> Link { far }
}
