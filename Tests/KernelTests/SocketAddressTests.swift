import Foundation
import Kernel
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: [
        "127.0.0.1:53", "0.0.0.0:0", "255.255.255.255:65535", "[::]:4433", "[::1]:53",
        "[2001:db8::1]:443", "[fe80::1%1]:53", "[::ffff:10.0.0.1]:8",
    ])
    func anAddressIsWrittenAsItIsRead(_ text: String) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == text)
        let decoded = try JSONDecoder().decode(
            SocketAddress.self, from: JSONEncoder().encode(address))
        #expect(decoded == address)
    }

    @Test(arguments: [
        "", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:+1", "1.2.3:5",
        "1.2.3.4.5:6", "::1:53", "[::1]", "[::1]53", "[::1:53", "::1]:53", "[1.2.3.4]:5",
        "[fe80::1%]:53", "[fe80::1%nonesuch0]:53", "[fe80::1%0]:53", "host:53", "1.2.3.4:5 ",
        " 1.2.3.4:5", "1.2.3.4:٣",
    ])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func anInterfacesNameStandsForItsIndex() throws {
        let address = try #require(SocketAddress("[fe80::1%lo]:53"))
        #expect(address == .ipv6(0xfe80 << 112 | 1, port: 53, scope: 1))
    }

    @Test func anyAddressSurvivesItsText() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let address: SocketAddress =
                Bool.random()
                ? .ipv4(random.next(), port: random.next())
                : .ipv6(random.next() >> UInt128.random(in: 0...127), port: random.next(), scope: 0)
            #expect(SocketAddress(address.description) == address)
        }
    }

    @Test func wildcardsAndMappedAddressesAreKnown() {
        #expect(SocketAddress("0.0.0.0:1")?.isWildcard == true)
        #expect(SocketAddress("[::]:1")?.isWildcard == true)
        #expect(SocketAddress.loopback(port: 1).isWildcard == false)
        #expect(
            SocketAddress("[::ffff:10.0.0.1]:8")?.unmapped == SocketAddress("10.0.0.1:8"))
        #expect(SocketAddress.loopback6(port: 8).unmapped == .loopback6(port: 8))
    }
}
