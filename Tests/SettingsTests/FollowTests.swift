import Settings
import Testing

/// Which changes of a file reach settings that run.
struct FollowTests {
    private func parse(_ lines: String..., listener: String = "") throws -> ServiceSettings {
        try ServiceSettings.parse(
            (["[Service]", "Command=/bin/x"] + lines
                + ["[Listener]", "Address=udp://127.0.0.1:1", listener]).joined(separator: "\n"),
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

    @Test func hooksAreFollowedAndAnEmptyLineTakesThoseBeforeItAway() throws {
        let former = try parse("Hook=ready /bin/a", "Hook=failed /bin/b")
        var running = former
        let now = try parse("Hook=ready /bin/a", "Hook=", "Hook=drained /bin/c 'd e'")
        #expect(running.follow(now, former: former) == ["Hook="])
        #expect(running.hooks == [Hook(.drained, ["/bin/c", "d e"])])
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

    private func inEffect(
        _ now: ServiceSettings, after former: ServiceSettings?, running: ServiceSettings? = nil,
        read: ServiceSettings? = nil
    ) throws -> [String] {
        let running = try running ?? parse()
        let read = read ?? running
        return now.unfollowedChanges(
            since: now.asInEffect(after: former, running: running, read: read),
            options: now.optionListeners(after: former, running: running, read: read))
    }

    /// A supervisor that goes on in the same process is given what runs, and reads nothing.
    @Test func oneThatGoesOnWithWhatRunsBringsNothingOfTheFileIntoEffect() throws {
        let now = try parse("User=a", listener: "Steering=stateless")
        #expect(
            try inEffect(now, after: parse()) == ["User=", "[Listener] udp://127.0.0.1:1"])
        #expect(try inEffect(parse(), after: parse()) == [])
        // An older one has not written down what the file said.
        #expect(try inEffect(now, after: nil) == [])
    }

    @Test func oneThatReadsTheFileAnewBringsAllButListenersIntoEffect() throws {
        let now = try parse("User=a", listener: "Steering=stateless")
        let changed = ["[Listener] udp://127.0.0.1:1"]
        #expect(try inEffect(now, after: parse(), read: now) == changed)
        #expect(try inEffect(now, after: nil, read: now) == changed)
        // With the listener as an option, beside a file that has none.
        var file = now
        file.listeners = []
        #expect(try inEffect(file, after: file, read: now) == changed)
        #expect(try inEffect(file, after: file, read: parse("User=a")) == [])
    }

    private func listening(_ ports: Int...) throws -> ServiceSettings {
        try ServiceSettings.parse(
            (["[Service]", "Command=/bin/x"]
                + ports.flatMap { ["[Listener]", "Address=udp://127.0.0.1:\($0)"] })
                .joined(separator: "\n"), file: "x")
    }

    @Test func listenersCountAsBroughtOnceTheyAreServedOrServedNoMore() throws {
        var known = try listening(1, 2)
        let now = try listening(1, 3)
        let (old, new) = (known.listeners, now.listeners)
        #expect(
            now.unfollowedChanges(since: known) == [
                "[Listener] udp://127.0.0.1:2 (removed)", "[Listener] udp://127.0.0.1:3 (added)",
            ])
        // Nothing is current yet, or the upgrade has failed.
        for served in [[], old] {
            known.meet(now, serving: served)
            #expect(known.listeners == old)
        }
        known.meet(now, serving: [new[1], new[0]])
        #expect(now.unfollowedChanges(since: known) == [])
        #expect(known.listeners.map(\.address.port) == [1, 3])
    }

    @Test func aListenerThatAnOptionHasNamedIsNoChangeOfTheFile() throws {
        let file = try listening(1)
        let read = try listening(1, 2)
        #expect(
            file.optionListeners(after: nil, running: read, read: read).map(\.port) == [2])
        // One that goes on in the same process, the file having been changed.
        #expect(
            try listening(3).optionListeners(after: file, running: read, read: read).map(\.port)
                == [2])
    }

    @Test func aDifferenceSaysWhatBringsItOrThatAnOptionWins() throws {
        let running = try parse("Linger=9s", "User=a", "Environment=KEY=old")
        let former = try parse("Linger=1s", "User=a", "Environment=KEY=old")
        let file = try parse("Linger=1s", "User=b", "Environment=KEY=new", listener: "MaxFlows=9")
        let found = file.differences(from: running, former: former)
        let effects = Dictionary(uniqueKeysWithValues: found.map { ($0.key, $0.effect) })
        #expect(
            effects == [
                "Linger": .optionWins, "User": .at(.restart), "Environment": .at(.restart),
                "MaxFlows": .at(.start),
            ])
        #expect(found.first { $0.key == "Environment" }?.file == ["KEY=..."])
        #expect(file.differences(from: file, former: file) == [])
    }

    @Test func eachChangeSaysWhenItTakesEffect() {
        #expect(Setting.moment(ofChanged: "Linger=") == .reload)
        #expect(Setting.moment(ofChanged: "User=") == .restart)
        #expect(Setting.moment(ofChanged: "[Listener] udp://127.0.0.1:1") == .start)
        #expect(Setting.moment(ofChanged: "[Listener] udp://127.0.0.1:1 (added)") == .reload)
    }
}
