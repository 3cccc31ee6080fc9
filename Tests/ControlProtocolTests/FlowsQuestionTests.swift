import ControlProtocol
import Testing

struct FlowsQuestionTests {
    private static let second = Duration.seconds(1)

    @Test func whoSaysNoTimeLooksForASecondAtLeastAndForLessThanTwo() {
        let unsaid = FlowsQuestion()
        for interval in [0, 1, 67, 940, 1000, 9400, 10_000_000].map(Duration.milliseconds) {
            let time = unsaid.time(telling: interval)
            #expect(time.lowerBound == Self.second)
            #expect(time.upperBound > Self.second && time.upperBound < .seconds(2))
            // Each flow that sends has been told by then.
            #expect(time.upperBound > min(interval, .milliseconds(1600)))
        }
    }

    @Test(arguments: [0, 0.05, 1, 600]) func whoSaysATimeHasThatTime(seconds: Double) {
        let time = FlowsQuestion(seconds: seconds).time(telling: .seconds(9))
        #expect(time == .seconds(seconds) ... .seconds(seconds))
    }
}
