import Settings
import TestSeeds
import Testing

struct NetworkTests {
    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.0/24"), ("10.0.0.1", "10.0.0.1/32"), ("0.0.0.0/0", "0.0.0.0/0"),
        ("10.128.0.0/9", "10.128.0.0/9"), ("2001:DB8::/32", "2001:db8::/32"), ("::/0", "::/0"),
        ("::1", "::1/128"), ("fe80:0:0:0::/64", "fe80::/64"), ("::8000:0/97", "::8000:0/97"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::ffff:1.2.3.4", "1.2.3.4/32"), ("::/95", "::/95"),
    ])
    func networksAreRead(text: String, expected: String) throws {
        let network = try InternetNetwork.parse(text)
        #expect(network.description == expected)
        #expect(try InternetNetwork.parse(expected) == network)
    }

    @Test(arguments: ["", "office", "10.0.0/8", "[::]/0", "10.0.0.0 /8", "/8", "1.2.3.4%lo/8"])
    func whatIsNoAddressIsRefusedWithAnExample(text: String) {
        let told = "'\(text)' is not a network; write one such as 192.0.2.0/24 or 2001:db8::/32"
        #expect(throws: ValueError(told)) { try InternetNetwork.parse(text) }
    }

    @Test(arguments: [
        ("10.0.0.0/33", "'10.0.0.0/33' is not a network: behind the / stands a number up to 32"),
        ("10.0.0.0/", "'10.0.0.0/' is not a network: behind the / stands a number up to 32"),
        ("10.0.0.0/-1", "'10.0.0.0/-1' is not a network: behind the / stands a number up to 32"),
        ("::/129", "'::/129' is not a network: behind the / stands a number up to 128"),
        ("::/8/8", "'::/8/8' is not a network: behind the / stands a number up to 128"),
        (
            "10.1.2.3/8",
            "'10.1.2.3/8' has bits behind its prefix: the network is 10.0.0.0/8, the address "
                + "alone 10.1.2.3/32"
        ),
    ])
    func whatIsNoNetworkIsRefusedInASentence(text: String, expected: String) {
        #expect(throws: ValueError(expected)) { try InternetNetwork.parse(text) }
    }

    @Test(arguments: 0..<20)
    func piecesInAnyOrderNeverTrap(seed: UInt64) {
        let pieces = [
            "1", ".", ":", "::", "/", "0", "ffff", "255", "99999999999999999999", "-", "%lo", "ü",
        ]
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...12, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            guard let network = try? InternetNetwork.parse(text) else { continue }
            #expect((try? InternetNetwork.parse(network.description)) == network, "\(text)")
        }
    }
}
