import Simulation
import Testing

@Suite struct SeedTests {
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func everyPromiseHolds(seed: UInt64) {
        let world = World(Scenario(seed: seed))
        world.run()
        #expect(world.violations.isEmpty, "seed \(seed): \(world.violations)")
    }
}
