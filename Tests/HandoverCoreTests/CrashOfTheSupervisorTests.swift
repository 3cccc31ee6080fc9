import HandoverCore
import Testing

/// The supervisor crashes between two effects, and its successor does again what may have been done.
@Suite struct CrashOfTheSupervisorTests {
    @Test(arguments: ExhaustiveTests.scenes)
    func effectsDoneTwiceLeaveTheWorldAsDoneOnce(scene: ExhaustiveTests.Scene) {
        var crashes = 0
        let world = scene.make()
        var worlds = [world]
        for _ in 0..<3 {
            var next: Set<World> = []
            for world in worlds {
                for choice in ExhaustiveTests.choices(world, scene, asked: 1) {
                    var calm = world
                    calm.take(choice)
                    for count in 0...calm.effects.count {
                        var crashed = world
                        crashed.crashAfter = count
                        crashed.take(choice)
                        crashed.crashAfter = nil
                        crashes += 1
                        if crashed != calm {
                            Issue.record("crash after \(count) of \(calm.effects)")
                        }
                    }
                    calm.log = []
                    calm.effects = []
                    next.insert(calm)
                }
            }
            worlds = Array(next)
        }
        #expect(crashes > 20)
    }

    @Test func anEffectThatWouldBeNoticedIsNotDoneAgain() {
        var world = World.draining()
        world.crashAfter = 2
        world.happen(.stop(world.request(), drain: false))
        #expect(world.effects.prefix(2).allSatisfy { $0.repetition == .noticed })
        #expect(world.faults == [])
    }
}
