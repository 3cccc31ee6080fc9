import Adoption
import Kernel
import ServiceCore
import Testing

@testable import Supervisor

@Suite struct SocketPlaceTests {
    private typealias Place = ServiceCore.SocketPlace

    private func place(_ text: String, v6Only: Bool = false) throws -> Place {
        place(try #require(SocketAddress(text)), v6Only: v6Only)
    }

    /// A place as the rules know it. How it is written is no part of what is tested.
    private func place(
        _ address: SocketAddress, v6Only: Bool = false, isStream: Bool = false
    ) -> Place {
        Place(Adoption.SocketPlace(address, v6Only: v6Only, isStream: isStream), text: "")
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
        let stream = place(.loopback(port: 53), isStream: true)
        #expect(try place("127.0.0.1:53").meeting(stream) == nil)
    }

    @Test func oneAtAnInterfaceIsTheServersThatBindsThere() throws {
        func at(_ interface: String?, _ text: String = "0.0.0.0:53") throws -> Place {
            Place(
                Adoption.SocketPlace(
                    try #require(SocketAddress(text)), v6Only: false, isStream: false,
                    interface: interface), text: "")
        }
        // The listener hears every interface, the server one: it is there, and for its address alone.
        #expect(try at(nil).meeting(at("eth0")) == at("eth0"))
        #expect(try at(nil).meeting(at("eth0", "127.0.0.1:53")) == at("eth0", "127.0.0.1:53"))
        // The server would hear more: it gets the listener's.
        #expect(try at("eth0").meeting(at(nil)) == at("eth0"))
        #expect(try at("eth0").meeting(at("eth0")) == at("eth0"))
        #expect(try at("eth0").meeting(at("eth1")) == nil)
        #expect(try at(nil, "127.0.0.2:53").meeting(at("eth0", "127.0.0.1:53")) == nil)
        #expect(try !at("eth0").isSame(as: at("eth1")) && !at("eth0").isSame(as: at(nil)))
    }
}
