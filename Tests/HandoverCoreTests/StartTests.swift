import HandoverCore
import Testing

@Suite struct StartTests {
    @Test func theFirstGenerationIsCurrentOnceAllItsWorkersAreReady() {
        var world = World()
        world.happen(.start(World.first))
        #expect(world.effects.contains(.prepareBank(GenerationID(1), workers: 2)))
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.current == GenerationID(1))
        #expect(world.target == SteeringTarget(generation: GenerationID(1), workers: [0, 1]))
        #expect(world.faults == [])
    }
}
