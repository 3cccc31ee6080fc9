import Settings
import Testing

/// Which changes of a file reach settings that run.
struct FollowTests {
    private func parse(_ lines: String...) throws -> ServiceSettings {
        try ServiceSettings.parse(
            (["[Service]", "Command=/bin/x"] + lines
                + ["[Listener]", "Address=udp://127.0.0.1:1"]).joined(separator: "\n"),
            file: "x")
    }

    @Test func howAGenerationLivesIsFollowed() throws {
        let former = try parse("Linger=1s", "User=a")
        let now = try parse("Linger=2s", "DrainTimeout=5min", "User=b", "Watchdog=1s")
        var running = former
        #expect(
            running.follow(now, former: former).sorted() == ["DrainTimeout=", "Linger="])
        #expect(running.linger == .seconds(2))
        #expect(running.drainTimeout == .after(.seconds(300)))
        #expect(running.user == "a" && running.watchdog == nil)
        #expect(now.unfollowedChanges(since: running).sorted() == ["User=", "Watchdog="])
    }

    @Test func whatIsTakenOutOfTheFileIsAtItsDefaultAgain() throws {
        let former = try parse("DrainSignal=USR1", "Overlap=no")
        var running = former
        #expect(
            running.follow(try parse(), former: former).sorted() == ["DrainSignal=", "Overlap="])
        #expect(running.drainSignal == nil && running.overlap)
    }

    @Test func anOptionWinsOverTheFileAgain() throws {
        let former = try parse("Linger=1s")
        var running = former
        running.linger = .seconds(9)
        #expect(running.follow(try parse("Linger=2s"), former: former) == [])
        #expect(running.linger == .seconds(9))
    }

    @Test func eachChangeSaysWhenItTakesEffect() {
        #expect(Setting.moment(ofChanged: "Linger=") == .reload)
        #expect(Setting.moment(ofChanged: "User=") == .restart)
        #expect(Setting.moment(ofChanged: "[Listener] udp://127.0.0.1:1") == .start)
    }
}
