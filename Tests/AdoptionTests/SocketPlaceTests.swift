import Adoption
import Kernel
import Testing

@Suite struct SocketPlaceTests {
    private func place(_ text: String, v6Only: Bool = false) throws -> SocketPlace {
        SocketPlace(try #require(SocketAddress(text)), v6Only: v6Only, isStream: false)
    }

    /// What listens, what a program binds, and where the listener has to be then.
    static let meetings: [(listener: String, wanted: String, meeting: String?)] = [
        ("127.0.0.1:53", "127.0.0.1:53", "127.0.0.1:53"),
        ("127.0.0.1:53", "127.0.0.1:54", nil),
        ("127.0.0.1:53", "127.0.0.2:53", nil),
        // The program serves more than the listener has: it gets the listener's.
        ("127.0.0.1:53", "0.0.0.0:53", "127.0.0.1:53"),
        ("[::1]:53", "[::]:53", "[::1]:53"),
        // It serves a part of it: the listener is there.
        ("0.0.0.0:53", "127.0.0.1:53", "127.0.0.1:53"),
        ("[::]:53", "[::1]:53", "[::1]:53"),
        ("[::]:53", "127.0.0.1:53", "127.0.0.1:53"),
        ("[::]:53", "0.0.0.0:53", "0.0.0.0:53"),
        // The other family's socket of the same address.
        ("127.0.0.1:53", "[::]:53", "[::ffff:127.0.0.1]:53"),
        ("0.0.0.0:53", "[::]:53", "[::ffff:0.0.0.0]:53"),
        ("127.0.0.1:53", "[::ffff:127.0.0.1]:53", "[::ffff:127.0.0.1]:53"),
        ("127.0.0.1:53", "[::ffff:0.0.0.0]:53", "[::ffff:127.0.0.1]:53"),
        ("0.0.0.0:53", "[::ffff:127.0.0.1]:53", "[::ffff:127.0.0.1]:53"),
        ("127.0.0.1:53", "[::1]:53", nil),
        ("[::1]:53", "0.0.0.0:53", nil),
        ("[::1]:53", "127.0.0.1:53", nil),
        ("0.0.0.0:53", "[::1]:53", nil),
    ]

    @Test(arguments: meetings)
    func aListenerMeetsWhatAProgramBinds(
        _ listener: String, _ wanted: String, _ meeting: String?
    ) throws {
        let expected = try meeting.map { try place($0) }
        #expect(try place(listener).meeting(try place(wanted)) == expected)
    }

    @Test func oneForIPv6AloneLeavesIPv4ToOthers() throws {
        let (both, alone) = (try place("[::]:53"), try place("[::]:53", v6Only: true))
        #expect(both.meeting(alone) == alone)
        #expect(alone.meeting(both) == alone)
        #expect(alone.meeting(try place("0.0.0.0:53")) == nil)
        #expect(alone.meeting(try place("127.0.0.1:53")) == nil)
        #expect(try place("127.0.0.1:53").meeting(alone) == nil)
    }

    @Test func transportsDoNotMeet() throws {
        let stream = SocketPlace(.loopback(port: 53), v6Only: false, isStream: true)
        #expect(try place("127.0.0.1:53").meeting(stream) == nil)
    }
}
