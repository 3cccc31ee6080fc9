import Testing

@testable import relevo_load

@Suite struct FlowRecordTests {
    private let first = ServerIdentity(generation: 1, worker: 0, process: 100)
    private let next = ServerIdentity(generation: 2, worker: 0, process: 200)

    private func flow(sent: Int = 3, newest: UInt32 = 0) -> FlowRecord {
        var flow = FlowRecord(number: 7, source: 0, local: nil)
        for _ in 0..<sent { _ = flow.send(newest: newest, stateless: false) }
        return flow
    }

    private func answer(_ sequence: UInt64, _ server: ServerIdentity, count: UInt64) -> EchoAnswer {
        EchoAnswer(
            request: Request(flow: 7, sequence: sequence, sent: 0, run: 0), server: server,
            count: count)
    }

    @Test func answersInOrderOfOneProcessAreRight() {
        var flow = flow()
        for sequence in 0..<3 as Range<UInt64> {
            let answer = answer(sequence, first, count: sequence + 1)
            #expect(flow.take(answer, stateless: false) == [])
        }
        #expect(flow.answered == 3)
    }

    @Test func aLostDatagramDoesNotLookLikeAForgottenFlow() {
        var flow = flow()
        #expect(flow.take(answer(0, first, count: 1), stateless: false) == [])
        #expect(flow.take(answer(2, first, count: 2), stateless: false) == [])
    }

    @Test func answersOutOfOrderAreRight() {
        var flow = flow()
        #expect(flow.take(answer(2, first, count: 3), stateless: false) == [])
        #expect(flow.take(answer(0, first, count: 1), stateless: false) == [])
        #expect(flow.take(answer(1, first, count: 2), stateless: false) == [])
    }

    @Test func anotherGenerationMeansMoved() {
        var flow = flow()
        #expect(flow.take(answer(0, first, count: 1), stateless: false) == [])
        #expect(flow.take(answer(1, next, count: 1), stateless: false) == .moved)
        #expect(flow.take(answer(2, next, count: 2), stateless: false) == [])
    }

    @Test func whatAKilledProcessHadInItsQueueMayBeAnsweredLate() {
        var flow = flow(sent: 6)
        let heir = ServerIdentity(generation: 1, worker: 0, process: 101)
        let killed: Set = [first]
        func take(_ sequence: UInt64, _ server: ServerIdentity, count: UInt64) -> Verdict {
            flow.take(
                answer(sequence, server, count: count), stateless: false, killed: killed)
        }
        #expect(take(0, first, count: 1) == [])
        // 1 and 2 wait in the slot, 3 goes elsewhere and is answered before.
        #expect(take(3, next, count: 1) == [])
        #expect(take(1, heir, count: 1) == [])
        #expect(take(4, next, count: 2) == [])
        #expect(take(2, heir, count: 2) == [])
        #expect(take(2, heir, count: 2) == .duplicate)
        // What is sent after is not from there.
        #expect(take(5, heir, count: 3) == .moved)
    }

    @Test func whatAKilledProcessHadNotReadBeginsWhereItIsRead() {
        let heir = ServerIdentity(generation: 1, worker: 0, process: 101)
        let sibling = ServerIdentity(generation: 1, worker: 1, process: 102)
        let third = ServerIdentity(generation: 3, worker: 0, process: 300)
        func verdicts(_ servers: [ServerIdentity]) -> [Verdict] {
            var flow = flow(sent: servers.count)
            return servers.enumerated().map {
                flow.take(
                    answer(UInt64($0), $1, count: 1), stateless: false, killed: [first])
            }
        }
        #expect(verdicts([heir, next]) == [[], []])
        // Once.
        #expect(verdicts([heir, next, third]) == [[], [], .moved])
        // And nobody else's.
        #expect(verdicts([sibling, next]) == [[], .moved])
    }

    @Test func anotherWorkerOfTheGenerationMeansMoved() {
        var flow = flow()
        let sibling = ServerIdentity(generation: 1, worker: 1, process: 101)
        #expect(flow.take(answer(0, first, count: 1), stateless: false) == [])
        #expect(flow.take(answer(1, sibling, count: 1), stateless: false) == .moved)
    }

    @Test func aCountThatStartsAgainMeansForgotten() {
        var flow = flow()
        #expect(flow.take(answer(0, first, count: 1), stateless: false) == [])
        #expect(flow.take(answer(1, first, count: 1), stateless: false) == .restarted)
        #expect(flow.take(answer(2, first, count: 2), stateless: false) == [])
    }

    @Test func anotherProcessOfTheWorkerMeansForgottenWhateverItCounts() {
        var flow = flow()
        var successor = first
        successor.process = 300
        #expect(flow.take(answer(0, first, count: 1), stateless: false) == [])
        #expect(flow.take(answer(1, successor, count: 2), stateless: false) == .restarted)
    }

    @Test func aSecondAnswerIsADuplicateAndCountsForNothing() {
        var flow = flow()
        #expect(flow.take(answer(1, first, count: 1), stateless: false) == [])
        #expect(flow.take(answer(1, next, count: 1), stateless: false) == .duplicate)
        #expect(flow.answered == 1)
        #expect(flow.generation == 1)
    }

    @Test func aFlowOpenedAfterTheFlipMustReachTheNewGeneration() {
        var flow = flow(newest: 2)
        #expect(flow.take(answer(0, first, count: 1), stateless: false) == .stale)
    }

    @Test func aFlowOpenedBeforeTheFlipMayStayBehind() {
        var flow = flow(newest: 1)
        #expect(flow.take(answer(0, first, count: 1), stateless: false) == [])
    }

    @Test func withoutStateEachDatagramMayGoToAnotherProcessButNotBack() {
        var flow = FlowRecord(number: 7, source: 0, local: nil)
        _ = flow.send(newest: 1, stateless: true)
        #expect(flow.take(answer(0, first, count: 1), stateless: true) == [])
        _ = flow.send(newest: 1, stateless: true)
        #expect(flow.take(answer(1, next, count: 1), stateless: true) == [])
        _ = flow.send(newest: 2, stateless: true)
        #expect(flow.take(answer(2, first, count: 1), stateless: true) == .stale)
    }

    @Test func everyDuplicateAmongTheLast64IsSeen() {
        var flow = flow(sent: 200)
        for sequence in 0..<200 as Range<UInt64> {
            #expect(flow.take(answer(sequence, first, count: sequence + 1), stateless: false) == [])
            for back in 0...min(63, sequence) {
                let old = answer(sequence - back, first, count: 1)
                #expect(flow.take(old, stateless: false) == .duplicate)
            }
        }
        #expect(flow.answered == 200)
    }
}
