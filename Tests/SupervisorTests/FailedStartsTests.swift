import Kernel
import TestKit
import Testing

@testable import Supervisor

struct FailedStartsTests {
    @Test func eachWaitsTwiceAsLongAsTheOneBeforeUpToHalfAMinute() {
        var failed = FailedStarts()
        var pauses: [Duration] = [failed.pause]
        for start in 1...12 {
            failed.add("it ended", at: .seconds(start))
            pauses.append(failed.pause)
        }
        #expect(
            pauses.prefix(5) == [
                .zero, .milliseconds(100), .milliseconds(200), .milliseconds(400),
                .milliseconds(800),
            ])
        #expect(
            pauses.suffix(4) == [.milliseconds(25_600), .seconds(30), .seconds(30), .seconds(30)])
    }

    @Test func aStartThatSomebodyAskedForDoesNotWait() {
        var failed = FailedStarts()
        #expect(!failed.isFollowed(at: .seconds(1)))
        failed.add("it ended", at: .seconds(10))
        #expect(failed.isFollowed(at: .seconds(10)) && failed.isFollowed(at: .seconds(12)))
        #expect(!failed.isFollowed(at: .milliseconds(12_001)))
        // The machine was started again meanwhile.
        #expect(!failed.isFollowed(at: .seconds(9)))
    }

    @Test func whatIsWrittenIsReadOnce() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("failed-starts")
        var failed = FailedStarts()
        failed.add("worker 0 exited\nwith status 3", at: MonotonicClock.sinceBoot())
        failed.write(to: path)
        let found = FailedStarts.take(from: path)
        #expect(found.count == 1 && found.reason == failed.reason)
        #expect(FailedStarts.take(from: path) == FailedStarts())
    }

    @Test(arguments: [
        "", "1", "x\n1\nr", "0\n1\nr", "-1\n1\nr", "1\n1", "99999999999999999999\n1\nr",
    ])
    func whatIsNoSuchTextCountsForNothing(_ text: String) {
        #expect(FailedStarts(text) == nil)
    }
}
