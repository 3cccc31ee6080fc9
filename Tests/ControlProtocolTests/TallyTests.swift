import ControlProtocol
import FoundationEssentials
import Testing

struct TallyTests {
    private static func summary(
        _ result: HandoverResult, _ phases: HandoverTimes = HandoverTimes()
    ) -> HandoverSummary {
        HandoverSummary(from: 1, to: 2, result: result, phases: phases)
    }

    @Test func handoversAreCountedByHowTheyEnded() {
        var tally = ServiceTally()
        let results: [HandoverResult] = [
            .completed, .completed, .completed, .incomplete, .failed, .failed, .rolledBack,
        ]
        for result in results { tally.add(Self.summary(result)) }
        let found = tally.handovers
        #expect(found.completed == 3 && found.incomplete == 1)
        #expect(found.failed == 2 && found.rolledBack == 1)
        #expect(found.dryRunPassed == 0 && found.dryRunFailed == 0)
    }

    @Test func dryRunsAreCountedByThemselves() {
        var tally = ServiceTally()
        for result in [HandoverResult.passed, .failed, .passed] {
            var dry = Self.summary(result)
            dry.isDryRun = true
            tally.add(dry)
        }
        let found = tally.handovers
        #expect(found.dryRunPassed == 2 && found.dryRunFailed == 1)
        #expect(found.failed == 0 && found.incomplete == 0)
    }

    @Test func anOlderSupervisorsCountsAreUnderstood() throws {
        let json = #"{"completed":3,"incomplete":0,"failed":1,"rolledBack":0,"aborted":0}"#
        let found = try JSONDecoder().decode(HandoverTally.self, from: Data(json.utf8))
        #expect(found.completed == 3 && found.dryRunPassed == nil)
    }

    @Test func aPhaseIsCountedOnceInTheClassThatItsTimeBelongsTo() throws {
        var tally = ServiceTally()
        tally.add(Self.summary(.completed, HandoverTimes(ready: 0.25, drain: 60)))
        tally.add(Self.summary(.completed, HandoverTimes(ready: 0.5, drain: 60.5)))
        tally.add(Self.summary(.failed, HandoverTimes(drain: 100_000)))
        let ready = try #require(tally.phases.first { $0.phase == .ready })
        #expect(ready.seconds == 0.75)
        #expect(ready.counts == [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0])
        let drain = try #require(tally.phases.first { $0.phase == .drain })
        #expect(drain.counts == [0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1])
        // What never was is not counted as something that took no time.
        let start = try #require(tally.phases.first { $0.phase == .start })
        #expect(start.counts.allSatisfy { $0 == 0 })
    }

    @Test func theClassesAreThoseThatTheInterfaceTellsOf() throws {
        let text = try #require(InterfaceDescription.text(of: "org.relevo.Supervisor"))
        #expect(PhaseTally.bounds == PhaseTally.bounds.sorted())
        let told = [
            "10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "1 min", "10 min", "1 h",
            "1 day",
        ]
        #expect(told.count == PhaseTally.bounds.count)
        for bound in told { #expect(text.contains(bound)) }
    }

    @Test func aServiceIsNamedByTheFolderOfItsSocket() {
        #expect(ServiceLook(path: "/run/relevo/dns/control", .failure(.gone)).name == "dns")
        #expect(ServiceLook(path: "control", .failure(.gone)).name == "?")
    }
}
