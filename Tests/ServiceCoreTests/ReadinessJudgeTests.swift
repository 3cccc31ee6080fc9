import ServiceCore
import Settings
import Testing

@Suite struct ReadinessJudgeTests {
    private static let begin = Duration.seconds(100)
    private static let address = "udp://127.0.0.1:4433"

    private func judge(_ rule: ReadyRule, taken: Int, of offered: Int) -> ReadinessJudge {
        var judge = ReadinessJudge(rule: rule, startedAt: Self.begin)
        judge.listeners = [.init(address: Self.address, taken: taken, offered: offered)]
        return judge
    }

    @Test func aSilentServerThatReadsAllItsSocketsIsReadyAtOnce() {
        #expect(judge(.auto, taken: 2, of: 2).isReady(at: Self.begin))
    }

    @Test func aSilentServerThatReadsOneOfTwoSocketsIsReadyAfterASecond() {
        let judge = judge(.auto, taken: 1, of: 2)
        #expect(judge.obstacle(at: Self.begin) == "it has not run for a second")
        #expect(!judge.isReady(at: Self.begin + .milliseconds(999)))
        #expect(judge.isReady(at: Self.begin + ReadinessJudge.quietTime))
        #expect(
            judge.unreadSockets == [
                "waits on 1 of its 2 sockets of \(Self.address); the others get nothing until it does"
            ])
    }

    @Test(arguments: [
        ReadyRule.auto, .notify, .alive(.milliseconds(1)), .exec(["true"]),
    ])
    func noRuleIsEnoughWithoutASocketThatIsRead(rule: ReadyRule) {
        var judge = judge(rule, taken: 0, of: 2)
        judge.saidReady = true
        judge.speaksNotify = true
        judge.commandSucceeded = true
        let late = Self.begin + .seconds(60)
        #expect(judge.obstacle(at: late)?.hasPrefix("it waits on no socket of") == true)
        judge.listeners[0].taken = 1
        #expect(judge.isReady(at: late))
    }

    @Test func oneListenerThatNobodyReadsHoldsBackAllOfThem() {
        var judge = judge(.notify, taken: 1, of: 1)
        judge.saidReady = true
        judge.listeners.append(.init(address: "udp://127.0.0.1:4434", offered: 1))
        #expect(
            judge.obstacle(at: Self.begin)?.hasPrefix(
                "it waits on no socket of udp://127.0.0.1:4434") == true)
    }

    @Test func aServerThatSpeaksIsWaitedForUntilItSaysReady() {
        var judge = judge(.auto, taken: 1, of: 1)
        judge.speaksNotify = true
        #expect(judge.obstacle(at: Self.begin + .seconds(60)) == "it has not said READY=1")
        judge.saidReady = true
        #expect(judge.isReady(at: Self.begin))
    }

    @Test func aServerThatOnlyTellsItsStatusCountsByWhatIsSeen() {
        var judge = judge(.auto, taken: 1, of: 1)
        judge.heard(isReady: false, at: Self.begin)
        judge.heard(isReady: false, at: Self.begin + .milliseconds(900))
        #expect(judge.obstacle(at: Self.begin + .milliseconds(999)) == "it has not said READY=1")
        #expect(judge.isReady(at: Self.begin + ReadinessJudge.quietTime))
        judge.listeners[0].taken = 0
        #expect(!judge.isReady(at: Self.begin + .seconds(60)))
    }

    @Test func aServerThatAsksForTimeIsWaitedForUntilItSaysReady() {
        var judge = judge(.auto, taken: 1, of: 1)
        judge.heard(isReady: false, asksForTime: true, at: Self.begin)
        #expect(judge.obstacle(at: Self.begin + .seconds(60)) == "it has not said READY=1")
        judge.heard(isReady: true, at: Self.begin + .seconds(60))
        #expect(judge.isReady(at: Self.begin + .seconds(60)))
    }

    @Test func aStatusIsNotEnoughForTheRuleNotify() {
        var judge = judge(.notify, taken: 1, of: 1)
        judge.heard(isReady: false, at: Self.begin)
        #expect(!judge.isReady(at: Self.begin + .seconds(60)))
    }

    @Test func whatCannotBeSeenIsBelievedAfterASecond() {
        var judge = judge(.auto, taken: 0, of: 1)
        judge.listeners[0].blind = "it may not be looked at"
        #expect(!judge.isReady(at: Self.begin))
        #expect(judge.isReady(at: Self.begin + ReadinessJudge.quietTime))
    }

    @Test func aServerThatHasJustBoundIsGivenTimeToBindAgain() {
        var judge = judge(.auto, taken: 1, of: 1)
        judge.lastBind = Self.begin
        #expect(judge.obstacle(at: Self.begin) == "it is still binding")
        #expect(judge.isReady(at: Self.begin + ReadinessJudge.bindPause))
    }

    @Test func aServerThatBoundNothingToAdoptIsToldWhatItBound() {
        var judge = ReadinessJudge(rule: .alive(.zero), startedAt: Self.begin)
        judge.adopted = "auto"
        judge.foreignBinds = ["127.0.0.1:53"]
        #expect(
            judge.obstacle(at: Self.begin)
                == "it has bound nothing that is to be adopted (auto); it has bound 127.0.0.1:53")
    }

    @Test func whatCannotBeSeenDoesNotSpeakForAProgramThatBindsElsewhere() {
        var judge = judge(.auto, taken: 0, of: 1)
        judge.listeners[0].blind = "process 1 uses io_uring"
        let late = Self.begin + .seconds(60)
        #expect(judge.isReady(at: late))
        judge.foreignBinds = ["tcp://127.0.0.1:9000"]
        #expect(judge.isReady(at: late))
        judge.foreignBinds.append("udp://127.0.0.1:4434")
        let obstacle = judge.obstacle(at: late)
        #expect(obstacle?.contains("it has bound tcp://127.0.0.1:9000, udp://") == true)
        var other = judge
        other.lastBind = Self.begin
        #expect(other.isReady(at: late))
        other = judge
        other.speaksNotify = true
        other.saidReady = true
        #expect(other.isReady(at: late))
    }
}
