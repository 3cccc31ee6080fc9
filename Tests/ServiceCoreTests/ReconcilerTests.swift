import HandoverCore
import Testing

@testable import ServiceCore

/// What ought to be against what is: a line a difference.
@Suite struct ReconcilerTests {
    private static let first = SlotID(listener: 0, number: 0)
    private static let server = WorkerID(GenerationID(1), 0)

    /// A listener with two slots that both serve and are chosen.
    private static func ought(keepsOrder: Bool = false) -> Expected {
        var listener = Expected.Listener(
            address: "udp://127.0.0.1:53", keepsOrder: keepsOrder, choice: [0, 1])
        listener.slots = [
            0: Expected.Slot(inode: 10, server: server),
            1: Expected.Slot(inode: 11, server: WorkerID(GenerationID(1), 1)),
        ]
        return Expected(listeners: [listener])
    }

    private static var seen: Observation {
        var listener = Observation.Listener()
        listener.choice = [0, 1]
        listener.slots = [0: Observation.Slot(inode: 10), 1: Observation.Slot(inode: 11)]
        return Observation(listeners: [listener])
    }

    /// What is found where this is done to what ought to be so.
    private static func found(
        keepsOrder: Bool = false, twice: Bool = false,
        _ change: (inout Observation.Listener) -> Void
    ) -> [Difference] {
        var seen = Self.seen
        change(&seen.listeners[0])
        return ought(keepsOrder: keepsOrder)
            .differences(from: seen, after: twice ? seen : Self.seen)
    }

    @Test func whatIsAsItOughtToBeIsNoDifference() {
        #expect(Self.found { _ in }.isEmpty)
        #expect(Self.found(twice: true) { _ in }.isEmpty)
    }

    @Test func aProgramThatCannotBeAttachedIsTold() {
        let found = Self.found { $0.refusal = "locked" }
        #expect(found == [.programLost(listener: 0, reason: "locked")])
        #expect(found.allSatisfy { $0.isHarm && $0.repair == nil })
    }

    @Test func aChoiceThatIsAnotherOneIsMadeAgain() {
        let found = Self.found { $0.choice = [0] }
        #expect(found == [.choice(listener: 0)])
        #expect(found.map(\.repair) == [.steer])
    }

    @Test func aChoiceThatCannotBeReadIsNoDifference() {
        #expect(Self.found { $0.choice = nil }.isEmpty)
    }

    @Test func aSocketThatHasLeftItsGroupIsNotMissedInTheChoice() {
        let found = Self.found {
            $0.choice = [1]
            $0.slots[0]?.isOutside = true
        }
        #expect(found == [.outside(Self.first)])
    }

    @Test func whereAllHaveLeftTheirGroupAnyChoiceIsAsGood() {
        let found = Self.found {
            $0.choice = []
            $0.slots[0]?.isOutside = true
            $0.slots[1]?.isOutside = true
        }
        #expect(!found.contains(.choice(listener: 0)))
    }

    @Test func aStrangersSocketIsToldOnceItStays() {
        let stranger = Observation.Stranger(inode: 99, holder: "other, process 7")
        #expect(Self.found { $0.strangers = [stranger] }.isEmpty)
        #expect(
            Self.found(twice: true) { $0.strangers = [stranger] }
                == [.stranger(listener: 0, stranger, takesNewFlows: false)])
    }

    @Test func whereSocketsAreKnownByTheirOrderAStrangersIsHarm() {
        let found = Self.found(keepsOrder: true, twice: true) {
            $0.strangers = [Observation.Stranger(inode: 99)]
        }
        #expect(found.map(\.isHarm) == [true])
        #expect(
            Self.found(twice: true) { $0.strangers = [.init(inode: 99)] }.map(\.isHarm) == [false])
    }

    @Test func datagramsThatGoElsewhereAreToldWhileTheyDo() {
        #expect(Self.found { $0.misplaced = 3 } == [.misplaced(listener: 0)])
        #expect(Self.found(twice: true) { $0.misplaced = 3 }.isEmpty)
    }

    @Test func whatCameBeforeTheFirstFlipIsNoFault() {
        var (before, now) = (Self.seen, Self.seen)
        now.listeners[0].misplaced = 3
        before.listeners[0].choice = []
        #expect(Self.ought().differences(from: now, after: before).isEmpty)
    }

    @Test func aSlotWithAnotherSocketIsTold() {
        #expect(Self.found { $0.slots[0]?.inode = 77 } == [.missing(Self.first)])
    }

    @Test func aSlotThatIsNotThereIsOnItsWay() {
        #expect(Self.found { $0.slots[0] = nil }.isEmpty)
    }

    @Test func aConnectedSocketIsItsWorkersAndTheSlotGetsAFreshOne() {
        let found = Self.found {
            $0.slots[0]?.hasPeer = true
            $0.slots[0]?.isOutside = true
        }
        #expect(found == [.connected(Self.first, by: Self.server)])
        #expect(found.map(\.repair) == [.exchange(Self.first)])
    }

    @Test func aSocketThatIsShutDownForLongerThanAnEndTakesGetsAFreshOne() {
        #expect(Self.found { $0.slots[0]?.isShutDown = true } == [])
        let found = Self.found(twice: true) { $0.slots[0]?.isShutDown = true }
        #expect(found == [.shutDown(Self.first, by: Self.server)])
        #expect(found.map(\.repair) == [.exchange(Self.first)])
    }

    @Test func whatIsDoneToASlotThatNobodyServesWithEndsWithItsRenewal() {
        var ought = Self.ought()
        ought.listeners[0].slots[0]?.server = nil
        var seen = Self.seen
        seen.listeners[0].slots[0]?.hasPeer = true
        seen.listeners[0].slots[1]?.isShutDown = false
        #expect(ought.differences(from: seen, after: seen).isEmpty)
    }

    @Test func sharingThatWasOffIsTold() {
        let found = Self.found { $0.slots[0]?.wasAlone = true }
        #expect(found == [.wasAlone(Self.first)])
        #expect(found.allSatisfy { !$0.isHarm && $0.repair == nil })
    }

    // MARK: When, and what comes of it

    /// The verbs after a look that shows this.
    private static func looked(
        _ run: inout ServiceRun, _ change: (inout Observation.Listener) -> Void
    ) throws -> [Verb] {
        run.now = run.now + .seconds(20)
        run.take(.tick)
        let looks = run.verbs.compactMap { verb in
            if case .observe(let expected) = verb { expected } else { nil }
        }
        let ought = try #require(looks.last)
        var listener = Observation.Listener()
        listener.choice = ought.listeners[0].choice
        listener.slots = ought.listeners[0].slots.mapValues { Observation.Slot(inode: $0.inode) }
        change(&listener)
        let before = run.verbs.count
        run.take(.observed(Observation(listeners: [listener])))
        return Array(run.verbs.dropFirst(before))
    }

    private static func serving() -> ServiceRun {
        var run = ServiceRun()
        run.serve()
        // The first look is due at once.
        run.take(.observed(Observation()))
        return run
    }

    @Test func whatOughtToBeIsMadeFromTheState() throws {
        let run = Self.serving()
        let ought = run.service.expected
        #expect(ought.listeners.count == 1)
        #expect(ought.listeners[0].choice == [0, 1])
        #expect(ought.listeners[0].slots.values.map(\.server).count { $0 != nil } == 2)
    }

    @Test func whatStaysWrongIsToldOnceAndShownAsLongAsItIsSo() throws {
        var run = Self.serving()
        func isTold(_ verbs: [Verb]) -> Bool {
            verbs.contains { verb in
                if case .announce(.critical(let text)) = verb {
                    text.contains("cannot be attached")
                } else {
                    false
                }
            }
        }
        #expect(isTold(try Self.looked(&run) { $0.refusal = "locked" }))
        #expect(!isTold(try Self.looked(&run) { $0.refusal = "locked" }))
        #expect(run.service.problems(at: 0).count == 1)
        _ = try Self.looked(&run) { _ in }
        #expect(run.service.problems(at: 0).isEmpty)
        #expect(isTold(try Self.looked(&run) { $0.refusal = "locked" }))
    }

    @Test func whatCountsFromTheSecondTimeOnIsLookedForAgainSoon() throws {
        var run = Self.serving()
        _ = try Self.looked(&run) { _ in }
        _ = try Self.looked(&run) { $0.strangers = [.init(inode: 99)] }
        let next = try #require(run.service.nextDeadline)
        #expect(next <= run.now + .seconds(1))
        _ = try Self.looked(&run) { $0.strangers = [.init(inode: 99)] }
        #expect(run.service.problems(at: 0).count == 1)
        #expect(try #require(run.service.nextDeadline) > run.now + .seconds(5))
    }

    /// The socket before it in the slot was shut down too. That says nothing of this one.
    @Test func whatIsSeenOfAnotherSocketInTheSlotIsNews() throws {
        var run = Self.serving()
        var seen = Observation(listeners: [Observation.Listener()])
        seen.listeners[0].slots[0] = Observation.Slot(inode: 99)
        seen.listeners[0].slots[0]?.isShutDown = true
        run.now = run.now + .seconds(20)
        run.take(.tick)
        run.take(.observed(seen))
        _ = try Self.looked(&run) { $0.slots[0]?.isShutDown = true }
        #expect(try #require(run.service.nextDeadline) <= run.now + .seconds(1))
    }

    @Test func aChoiceThatWasNotMadeIsMadeAgain() throws {
        var run = Self.serving()
        let verbs = try Self.looked(&run) { $0.choice = [1] }
        #expect(verbs.contains(.duty(.steer(GenerationID(1), [[0, 1]]))))
    }

    @Test func anExchangedSlotGetsNoNewFlowsUntilItsWorkerBindsAgain() throws {
        var run = Self.serving()
        let slot = SlotID(listener: 0, number: 0)
        let verbs = try Self.looked(&run) { $0.slots[0]?.hasPeer = true }
        #expect(verbs.contains(.exchange(slot)))
        run.take(.slotExchanged(slot, BoundSocket(inode: 999)))
        #expect(run.verbs.contains(.duty(.steer(GenerationID(1), [[1]]))))
        #expect(run.service.banks.slots(of: Self.server).joined().map(\.inode) == [999])
        let place = SocketPlace(
            .ipv4(0x7F00_0001, port: 53), v6Only: false, isStream: false,
            text: "udp://127.0.0.1:53")
        run.take(
            .bindAsked(
                CallID(1), Self.server, pid: 1000,
                BindCall(place: place, facts: BindFacts(), inode: 4711)))
        #expect(run.verbs.contains(.answerBind(CallID(1), slot)))
    }

    /// What was seen of a socket that is not in its slot any more says nothing of the one that is.
    @Test func whatHasChangedDuringALookIsNeitherToldNorRepaired() throws {
        var run = Self.serving()
        let slot = SlotID(listener: 0, number: 0)
        run.now = run.now + .seconds(20)
        run.take(.tick)
        run.take(.workerExited(Self.server, pid: 1000, .killed(signal: 9)))
        run.take(.queuesSeen(.left(Self.server), hasData: false))
        run.now = run.now + .seconds(1)
        run.take(.tick)
        run.take(.slotBound(slot, BoundSocket(inode: 999)))
        run.take(.workerSpawned(Self.server, pid: 1002, answersBinds: true))
        var listener = Observation.Listener()
        listener.slots = [0: Observation.Slot(inode: 101), 1: Observation.Slot(inode: 102)]
        listener.slots[0]?.hasPeer = true
        listener.slots[0]?.isOutside = true
        run.take(.observed(Observation(listeners: [listener])))
        #expect(!run.verbs.contains(.exchange(slot)))
        #expect(run.service.problems(at: 0).isEmpty)
    }

    @Test func aRefusedProgramIsToldOnceALook() throws {
        var run = Self.serving()
        run.take(.programRefused(listener: 0, Self.server))
        run.take(.programRefused(listener: 0, Self.server))
        let told = run.verbs.count { verb in
            if case .announce(.warning(let text, Self.server)) = verb {
                text.contains("program of its own")
            } else {
                false
            }
        }
        #expect(told == 1)
        _ = try Self.looked(&run) { _ in }
        #expect(run.service.problems(at: 0).count == 1)
        _ = try Self.looked(&run) { _ in }
        #expect(run.service.problems(at: 0).isEmpty)
    }

    private static let asker = AskerID(1)

    /// One whose upgrade has come to its flip, and was not looked at yet.
    private static func flipped(_ wait: Wait) -> ServiceRun {
        var run = serving()
        run.take(.asked(asker, .upgrade(command: nil, workers: nil), wait, sendsProgress: false))
        run.bindAll()
        for index in 0..<2 {
            let id = WorkerID(GenerationID(2), index)
            run.take(.workerSpawned(id, pid: Int32(2000 + index), answersBinds: true))
            run.now = run.now + .milliseconds(5)
            run.take(.tick)
            let seen = run.service.banks.slots(of: id).flatMap { $0 }
            run.take(
                .workerSeen(
                    id, pid: Int32(2000 + index),
                    WorkerSight(
                        sightings: Dictionary(uniqueKeysWithValues: seen.map { ($0.id, .taken) }))))
        }
        return run
    }

    /// What the asker was told.
    private static func replies(_ run: ServiceRun) -> [Reply] {
        run.verbs.compactMap { verb in
            if case .tell(asker, let reply) = verb { reply } else { nil }
        }
    }

    /// Ends the drain of the first generation.
    private static func drained(_ run: inout ServiceRun) {
        let old = GenerationID(1)
        run.take(.steered(GenerationID(2), took: .microseconds(3)))
        run.take(.asked(nil, .drain(old, .zero), .none, sendsProgress: false))
        run.take(.flowsCounted([:]))
        run.take(.queuesSeen(.emptying(old), hasData: false))
        run.now = run.now + .seconds(1)
        run.take(.tick)
        for index in 0..<2 {
            let id = WorkerID(old, index)
            run.take(.workerExited(id, pid: Int32(1000 + index), .exited(status: 0)))
            run.take(.queuesSeen(.left(id), hasData: false))
        }
    }

    /// A handover that ends at once is over before it is known whether new flows arrive.
    @Test(arguments: [Wait.flip, .drained], [true, false])
    func aHandoverThatEndsBeforeTheLookIsNoSuccessYet(_ wait: Wait, _ isWell: Bool) throws {
        var run = Self.flipped(wait)
        Self.drained(&run)
        #expect(run.service.machine.handovers.isEmpty)
        #expect(Self.replies(run).isEmpty)
        var listener = Observation.Listener()
        listener.refusal = isWell ? nil : "locked"
        run.take(.observed(Observation(listeners: [listener])))
        if Self.replies(run).isEmpty { run.take(.observed(Observation(listeners: [listener]))) }
        switch (wait, try #require(Self.replies(run).first)) {
        case (.flip, .done): #expect(isWell)
        case (.flip, .failed): #expect(!isWell)
        case (.drained, .done(_, let summary)):
            #expect(summary?.report.to == GenerationID(2))
            #expect((summary?.reason == nil) == isWell)
        case (_, let other): Issue.record("\(other)")
        }
        #expect(Self.replies(run).count == 1)
    }

    /// The service may end before what a request came to is known.
    @Test func whoWaitsForALookIsToldOfTheServicesEnd() throws {
        var run = Self.flipped(.flip)
        run.take(.asked(nil, .stop(within: .zero), .none, sendsProgress: false))
        for generation in 1...2 {
            for index in 0..<2 {
                let id = WorkerID(GenerationID(generation), index)
                let pid = Int32(generation * 1000 + index)
                run.take(.workerExited(id, pid: pid, .exited(status: 0)))
                run.take(.queuesSeen(.left(id), hasData: false))
            }
        }
        let end = run.verbs.firstIndex { if case .end = $0 { true } else { false } }
        let told = run.verbs.firstIndex { if case .tell = $0 { true } else { false } }
        #expect(try #require(told) < (try #require(end)))
        guard case .failed(let reason, _, _) = Self.replies(run).first else {
            Issue.record("\(Self.replies(run))")
            return
        }
        #expect(reason.contains("is no more"))
    }

    /// Success is what was looked at: an upgrade whose flows go nowhere is not done.
    @Test(arguments: [true, false])
    func anUpgradeIsDoneOnceItIsSeenToServe(_ isWell: Bool) throws {
        var run = Self.flipped(.flip)
        #expect(run.service.machine.current == GenerationID(2))
        func replies() -> [Reply] { Self.replies(run) }
        #expect(replies().isEmpty)
        var listener = Observation.Listener()
        listener.refusal = isWell ? nil : "locked"
        run.take(.observed(Observation(listeners: [listener])))
        switch try #require(replies().first) {
        case .done(let generation, nil): #expect(isWell && generation == GenerationID(2))
        case .failed(let reason, _, _):
            #expect(!isWell && reason.contains("generation 2 is current, but"))
        case let other: Issue.record("\(other)")
        }
        #expect(replies().count == 1)
        let fault = run.service.explanations.fault(of: GenerationID(2))
        #expect((fault == nil) == isWell)
    }
}
