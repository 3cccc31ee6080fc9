import ChannelProtocol
import TestSeeds
import Testing

/// Whatever the bytes, there is a message or a fault, never a trap, and what is read is written again.
struct HostileChannelTests {
    private static let sound =
        WorkerRequestTests.requests.map { $0.encoded() }
        + SupervisorPacketTests.packets.map { $0.encoded() }

    private static let telling = Array("\n==0123456789 :[]ABCIDNORSTUVWX_\0\u{7f}\r".utf8)

    @Test(arguments: 0..<20)
    func wrongBytesInSoundPacketsNeverTrap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            var bytes = Self.sound[Int.random(in: Self.sound.indices, using: &random)]
            for _ in 0..<Int.random(in: 1...5, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Self.telling.randomElement(using: &random) ?? 0, at: place)
                case 2: bytes.removeSubrange(place..<min(place + 3, bytes.count))
                default: bytes.append(contentsOf: bytes[place...])
                }
            }
            expectMessageOrFault(bytes)
        }
    }

    @Test(arguments: 0..<10)
    func randomBytesNeverTrap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let count = Int.random(in: 0...ChannelLimits.longestPacket + 10, using: &random)
            let letters = Bool.random(using: &random)
            let bytes = (0..<count).map { _ in
                letters
                    ? Self.telling.randomElement(using: &random) ?? 0
                    : UInt8.random(in: 0...255, using: &random)
            }
            expectMessageOrFault(bytes)
        }
    }

    private func expectMessageOrFault(_ bytes: [UInt8]) {
        do {
            let request = try WorkerRequest(parsing: bytes)
            #expect(try WorkerRequest(parsing: request.encoded()) == request)
        } catch {
            #expect(!error.reason.isEmpty)
        }
        guard let packet = try? SupervisorPacket.parse(bytes) else { return }
        #expect((try? SupervisorPacket.parse(packet.encoded())) != nil)
    }
}
