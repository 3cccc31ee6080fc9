import Foundation
import HandoverCore
import Testing

@Suite struct CanaryNetworkTests {
    private static let networks = ["192.0.2.0/24", "2001:db8::/32"]
    private static let five = Share(millionths: 50_000)

    private func plan(_ steps: [Share?], time: Duration? = .seconds(10)) throws -> CanaryPlan {
        try #require(
            CanaryPlan(steps: steps.compactMap(\.self), networks: Self.networks, stepTime: time))
    }

    private func clients(_ world: World) -> CanaryClients? {
        world.machine.steering?.canary?.clients
    }

    @Test func theNetworksComeAloneAtFirstAndStay() throws {
        var world = World.canary(try plan([Self.five]))
        #expect(clients(world) == CanaryClients(share: nil, networks: Self.networks))
        world.wait(.seconds(10))
        #expect(clients(world) == CanaryClients(share: Self.five, networks: Self.networks))
        world.wait(.seconds(10))
        #expect(world.phase(2) == .current && clients(world) == nil)
        #expect(world.faults == [])
    }

    @Test func withoutSharesTheFlipComesNext() throws {
        var world = World.canary(try plan([], time: nil))
        #expect(clients(world)?.networks == Self.networks)
        world.wait(.seconds(1000))
        #expect(world.phase(2) == .canary)
        world.happen(.promote(world.request(), full: false))
        #expect(world.phase(2) == .current)
        #expect(world.faults == [])
    }

    @Test func whoTheyAreIsSaid() throws {
        #expect(Self.five.map { "\(CanaryClients.share($0))" } == "5% of the clients")
        let alone = CanaryClients(share: nil, networks: Self.networks)
        #expect(alone?.description == "the clients of 192.0.2.0/24, 2001:db8::/32")
        let both = CanaryClients(share: Self.five, networks: (1...5).map { "10.\($0).0.0/16" })
        #expect(
            both?.description
                == "5% of the clients and those of 10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16 and 2 more networks"
        )
        #expect(CanaryClients(share: nil) == nil)
        #expect(
            CanaryClients(share: nil, networks: Array(repeating: "::/0", count: 65)) == nil)
    }

    /// A supervisor that knew shares alone has written a number.
    @Test func aShareAloneIsReadAndWrittenAsBefore() throws {
        let five = try #require(Self.five)
        func written(_ clients: CanaryClients?) throws -> String {
            String(decoding: try JSONEncoder().encode([clients]), as: UTF8.self)
        }
        func read(_ text: String) throws -> CanaryClients? {
            try JSONDecoder().decode([CanaryClients].self, from: Data(text.utf8)).first
        }
        #expect(try written(.share(five)) == "[50000]")
        #expect(try read("[50000]") == .share(five))
        for clients in [
            CanaryClients(share: nil, networks: Self.networks),
            CanaryClients(share: five, networks: Self.networks),
        ] {
            #expect(try read(written(clients)) == clients)
        }
        for text in [
            "[0]", "[1000000]", "[{}]", #"[{"networks":[]}]"#, #"[{"networks":[7]}]"#, "[null]",
            #"[{"share":0,"networks":["::/0"]}]"#, #"["5%"]"#,
        ] {
            #expect(throws: DecodingError.self) { try read(text) }
        }
        let before = try JSONDecoder().decode(
            CanaryPlan.self, from: Data(#"{"steps":[50000],"restarts":0,"key":7}"#.utf8))
        #expect(before == CanaryPlan(steps: [five], stepTime: nil, key: 7))
    }
}
