import Testing

@testable import RelevoClient

@Suite struct RoutableIDTests {
    private static let seal = Seal(
        stay: 0x0302, key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))

    @Test func anIDIsReadAsItWasMade() throws {
        for configuration in UInt8(0)..<7 {
            for length in 0...9 {
                for nonce in 4...13 - length {
                    let server = (0..<length).map { UInt8($0) }
                    var bytes = [configuration << 5 | UInt8(length + nonce + 6)] + server
                    bytes += (0..<nonce).map { UInt8(100 + $0) }
                    Self.seal.close(&bytes)
                    #expect(bytes.count == 7 + length + nonce)
                    let id = try #require(RoutableID(reading: bytes, serverLength: length))
                    #expect(id.configuration == configuration && id.server == server)
                    #expect(id.stay == 0x0302 && id.bytes == bytes)
                    #expect(Self.seal.made(bytes))
                    #expect(!Seal(stay: 0x0302, key: (1, 2)).made(bytes))
                    let other = Seal(
                        stay: 0x0303, key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
                    #expect(!other.made(bytes))
                }
            }
        }
    }

    /// The form that the steering's program reads, byte for byte.
    @Test func anIdIsMadeOfTheseBytes() {
        var bytes: [UInt8] = [0xb0, 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8]
        Self.seal.close(&bytes)
        #expect(Array(bytes[..<13]) == [0xb0, 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 3, 2])
        var hash = SipHash((0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        hash.add(0x0504_0302_01bb_aab0)
        hash.add(0x02_0308_0706)
        hash.add(17)
        let tag = UInt32(truncatingIfNeeded: hash.finished())
        #expect(bytes.count == 17)
        #expect(bytes[13...].enumerated().allSatisfy { $1 == UInt8(tag >> (8 * $0) & 0xff) })
    }

    @Test func whatHasAnotherFormIsNoID() {
        let right: [UInt8] = [0x0a, 1, 2, 3, 4, 0, 7, 1, 2, 3, 4]
        #expect(RoutableID(reading: right)?.stay == 7)
        // Configuration 7 is "by the 4-tuple"; the length is another one; there is no room.
        #expect(RoutableID(reading: [0xea] + right.dropFirst()) == nil)
        #expect(RoutableID(reading: [0x0b] + right.dropFirst()) == nil)
        #expect(RoutableID(reading: right, serverLength: 1) == nil)
        #expect(RoutableID(reading: right, serverLength: -1) == nil)
        #expect(RoutableID(reading: right, serverLength: .max) == nil)
        #expect(RoutableID(reading: []) == nil)
        #expect(RoutableID(reading: [0x14] + [UInt8](repeating: 1, count: 20)) == nil)
    }

    /// Whatever a client sends, it is read as what it was made of, or refused.
    @Test func anyBytesAreReadOrRefused() {
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...24)).map { _ in UInt8.random(in: 0...255) }
            if !bytes.isEmpty, Bool.random() { bytes[0] = UInt8(bytes.count - 1) }
            let length = Int.random(in: -1...12)
            let id = RoutableID(reading: bytes, serverLength: length)
            #expect(id == nil || id?.bytes == bytes)
            #expect(id == nil || id?.server.count == length)
            #expect(!Self.seal.made(bytes))
        }
    }
}
