import Testing

@testable import RelevoClient

@Suite struct RoutableIDTests {
    @Test func anIDIsReadAsItWasMade() throws {
        for configuration in UInt8(0)..<7 {
            for length in 1...15 {
                let server = (0..<length).map { UInt8($0) }
                let nonce: [UInt8] = [0xee, 0x08, 0x0d, 0xbf]
                let id = try #require(
                    RoutableID(configuration: configuration, server: server, nonce: nonce))
                let bytes = id.bytes
                #expect(bytes.count == 5 + length && Int(bytes[0] & 0x1f) == bytes.count - 1)
                #expect(RoutableID(reading: bytes, serverLength: length) == id)
            }
        }
    }

    @Test func whatCannotBeRoutedIsNoID() {
        #expect(RoutableID(configuration: 7, server: [1], nonce: [1, 2, 3, 4]) == nil)
        #expect(RoutableID(configuration: 0, server: [], nonce: [1, 2, 3, 4]) == nil)
        #expect(RoutableID(configuration: 0, server: [1], nonce: [1, 2, 3]) == nil)
        let long = [UInt8](repeating: 1, count: 16)
        #expect(RoutableID(configuration: 0, server: long, nonce: [1, 2, 3, 4]) == nil)
        // Configuration 7 is "by the 4-tuple"; the length is another one; there is no nonce.
        #expect(RoutableID(reading: [0xe6, 1, 2, 3, 4, 5, 6], serverLength: 2) == nil)
        #expect(RoutableID(reading: [0x05, 1, 2, 3, 4, 5, 6], serverLength: 2) == nil)
        #expect(RoutableID(reading: [0x06, 1, 2, 3, 4, 5, 6], serverLength: 6) == nil)
        #expect(RoutableID(reading: [], serverLength: 2) == nil)
        #expect(RoutableID(reading: [0x06, 1, 2, 3, 4, 5, 6], serverLength: 2)?.slot == 0x0102)
    }
}
