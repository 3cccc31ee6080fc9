import Testing

@testable import RelevoClient

@Suite struct InternetAddressTests {
    @Test(arguments: ["127.0.0.1:0", "192.0.2.7:4711", "[::]:53", "[2001:db8::7]:65535"])
    func whatIsReadIsWrittenTheSame(_ text: String) throws {
        #expect(InternetAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:01", "1.2.3.4: 1", "::1:5",
        "[::1:5", "[1.2.3.4]:5", "host:5", "[]:5", "1.2.3.4:5\0", "1.2.3.4:-5",
        "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:1",
    ])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(InternetAddress(text) == nil)
    }

    @Test func aMappedAddressAndTheOneItMapsAreToldApartAndTurnedIntoEachOther() throws {
        let plain = try #require(InternetAddress("192.0.2.7:9"))
        let mapped = try #require(InternetAddress("[::ffff:192.0.2.7]:9"))
        #expect(plain != mapped && plain.mapped == mapped && mapped.unmapped == plain)
        #expect(InternetAddress("0.0.0.0:9")?.mapped == InternetAddress("[::]:9"))
        #expect(Set([plain, mapped, plain]).count == 2)
    }

    @Test func theKernelsFormIsReadBack() throws {
        let address = try #require(InternetAddress("[fe80::1]:9"))
        let scoped = InternetAddress(v6: 0xfe80 << 48, 1, port: 9, scope: 3)
        for one in [address, scoped] {
            let back = unsafe one.withSockaddr { unsafe InternetAddress($0, length: $1) }
            #expect(back == one)
        }
        let short = unsafe address.withSockaddr { pointer, _ in
            unsafe InternetAddress(pointer, length: 16)
        }
        #expect(short == nil)
    }
}
