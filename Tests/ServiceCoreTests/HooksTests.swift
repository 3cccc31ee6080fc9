import HandoverCore
import Settings
import Testing

@testable import ServiceCore

/// When hooks run and what they are told; a handover never waits for one.
@Suite struct HooksTests {
    private func run(_ hooks: [Hook]) -> ServiceRun {
        var settings = ServiceRun.settings
        settings.hooks = hooks
        return ServiceRun(settings)
    }

    private func begun(_ run: ServiceRun) -> [HookRun] {
        run.verbs.compactMap { if case .runHook(let hook) = $0 { hook } else { nil } }
    }

    /// Brings the first generation to serve and keeps what was asked for.
    private func served(_ hooks: [Hook]) -> (ServiceRun, [HookRun]) {
        var run = run(hooks)
        run.take(.start)
        run.bindAll()
        for index in 0..<2 {
            let (id, pid) = (WorkerID(GenerationID(1), index), Int32(1000 + index))
            run.take(.workerSpawned(id, pid: pid, answersBinds: true))
            run.now = run.now + .milliseconds(5)
            run.take(.tick)
            let seen = run.service.banks.slots(of: id).flatMap { $0 }
            let taken = seen.map { ($0.id, SlotSighting.taken) }
            let sight = WorkerSight(sightings: Dictionary(uniqueKeysWithValues: taken))
            run.take(.workerSeen(id, pid: pid, sight))
        }
        return (run, begun(run))
    }

    @Test func oneRunsAtATimeAndInTheOrderOfWhatHappened() throws {
        let hooks = [
            Hook(.flipped, ["second"]), Hook(.ready, ["first"]), Hook(.flipped, ["third"]),
        ]
        var (run, first) = served(hooks)
        #expect(first.map(\.hook.command) == [["first"]])
        #expect(run.service.machine.current == GenerationID(1))
        run.take(.hookEnded(first[0].number, fault: nil))
        let second = try #require(begun(run).last)
        #expect(second.hook.command == ["second"])
        // One that is not the running one ends nothing.
        run.take(.hookEnded(first[0].number, fault: nil))
        #expect(begun(run).last == second)
        run.take(.hookEnded(second.number, fault: "ended with code 3"))
        #expect(begun(run).map(\.hook.command) == [["first"], ["second"], ["third"]])
        #expect(run.takeWarnings().contains("hook flipped (second) ended with code 3"))
    }

    @Test func aHookIsToldWhatHasHappened() throws {
        let (_, hooks) = served([Hook(.flipped, ["tell"])])
        #expect(
            try #require(hooks.first).facts == [
                "RELEVO_SERVICE": "test", "RELEVO_HOOK": "flipped", "RELEVO_GENERATION": "1",
                "RELEVO_CURRENT": "1",
            ])
    }

    @Test func moreThanMayWaitAreLeftOutAndThatIsSaid() {
        let hooks = (0...Hooks.mostWaiting).map { Hook(.flipped, ["hook\($0)"]) }
        var (run, first) = served(hooks)
        #expect(first.count == 1)
        let text = "hook flipped (hook\(Hooks.mostWaiting)) is not run: 64 wait already"
        #expect(run.takeWarnings().contains(text))
        // All that waited have their turn.
        var last = first[0].number
        var count = 1
        while true {
            run.take(.hookEnded(last, fault: nil))
            guard let next = begun(run).last, next.number != last else { break }
            last = next.number
            count += 1
        }
        #expect(count == Hooks.mostWaiting)
    }

    @Test func whatNobodyAsksForIsNotRun() {
        let (run, hooks) = served([Hook(.failed, ["tell"]), Hook(.rolledback, ["tell"])])
        #expect(hooks.isEmpty && run.service.hooks.waiting.isEmpty)
    }
}
