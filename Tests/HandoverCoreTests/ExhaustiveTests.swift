import HandoverCore
import Testing

@Suite struct ExhaustiveTests {
    @Test(arguments: [false, true])
    func noOrderOfEventsBreaksARule(_ x: Bool) {
        var exploration = Exploration { world in
            world.answers + world.mishaps + world.drainings + [.wait]
        }
        var world = World.draining(workers: x ? 1 : 2)
        let r = world.request()
        world.happen(.upgrade(r, World.first))
        exploration.explore(world, depth: 6)
        #expect(exploration.fault == nil)
    }
}
