@testable import ChannelProtocol
@testable import RelevoClient

/// What a worker reads: what its supervisor says, and the ids that its clients send.
extension Decoder {
    static func takeWelcome(_ bytes: [UInt8]) {
        if let packet = try? SupervisorPacket.parse(bytes) {
            let again = try? SupervisorPacket.parse(packet.encoded())
            precondition(again == packet, "a message is not read as it was written")
        }
        guard let message = Message(bytes) else { return }
        _ = message.value("SOCKET").flatMap { GivenSocket(line: $0, number: 3) }
        _ = message.value("IDS").flatMap { Seal($0) }
    }

    static func takeIdentity(_ bytes: [UInt8]) {
        _ = Seal(stay: 17, key: (1, 2)).made(bytes)
        for length in 0..<10 {
            guard let id = RoutableID(reading: bytes, serverLength: length) else { continue }
            precondition(id.bytes == bytes && id.server.count == length, "an id is read as another")
        }
    }
}
