import Kernel
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct PeekTests {
    @Test func aMessageThatWasLookedAtIsStillThereWithItsDescriptors() throws {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let sender = pair.takeFirst()
        let receiver = pair.takeSecond()
        guard case nil = try receiver.peek(upTo: 10) else { throw Unexpected() }
        var list = DescriptorList()
        try list.append(duplicateOf: StandardStream.error)
        #expect(try sender.send([1, 2, 3], descriptors: list))
        for _ in 0..<2 {
            guard case .bytes(let bytes) = try receiver.peek(upTo: 2) else { throw Unexpected() }
            #expect(bytes == [1, 2])
        }
        let message = try present(try receiver.receive(upTo: 10, descriptors: 1))
        #expect(message.bytes == [1, 2, 3])
        #expect(message.descriptors.count == 1)
        _ = consume sender
        guard case .end = try receiver.peek(upTo: 10) else { throw Unexpected() }
    }

    @Test func whoConnectedIsHeldByItsPidfd() throws {
        let folder = try TemporaryFolder()
        let address = UnixAddress(folder.file("socket"))
        let listener = try UnixListener(at: address, kind: .sequencedPacket)
        let client = try UnixConnection(to: address, kind: .sequencedPacket)
        let server = try present(try listener.accept())
        let process = try server.peerProcess()
        #expect(try process.signal(0))
        #expect(try !process.wait(for: .readable, within: .zero))
        _ = consume client
    }

    @Test func duplicatesAreToldFromOtherOpenings() throws {
        let file = try MemoryFile(named: "one")
        let copy = try file.duplicateDescriptor()
        let other = try MemoryFile(named: "one")
        let (isCopy, isOther) = (file.isDuplicate(of: copy), file.isDuplicate(of: other))
        #expect(isCopy && !isOther)
    }

    private struct Unexpected: Error {}
}
