import ControlProtocol
import Testing

@testable import relevo

// A watch and a dry run in the live view.

extension TopTests {
    @Test func aWatchIsShownWithTheGenerationThatIsKept() {
        var model = TopModel()
        let watch = WatchStatus(secondsLeft: 42, isChecked: true, drops: 3, dropLimit: 10)
        model.take([look(status(watch: watch, drains: true))], at: .seconds(1))
        let lines = text(model, 200)
        #expect(lines.contains { $0.hasPrefix("> dns") && $0.contains(" watch ") })
        #expect(
            lines.contains {
                $0.hasSuffix("watched for 42.0 s more, its check runs, 3 of 10 drops")
            },
            "\(lines)")
        #expect(lines.contains { $0.hasSuffix("kept until the watch is over") })
        let failed = WatchStatus(secondsLeft: 42, failure: "slow")
        model.take([look(status(watch: failed, drains: true))], at: .seconds(2))
        #expect(text(model, 200).contains { $0.contains(" going back ") })
        #expect(text(model, 200).contains { $0.hasSuffix("about to be rolled back") })
    }

    @Test func aWatchIsPromotedAndAbortedAfterAYes() {
        var model = TopModel()
        let watch = WatchStatus(secondsLeft: 42)
        model.take([look(status(watch: watch, drains: true))], at: .seconds(1))
        for (key, act, words) in [
            (
                "p", ControlRequest.promote(full: false, generation: 2, step: 0),
                "promote dns: generation 2 stays, and its watch ends"
            ),
            (
                "P", .promote(full: true, generation: 2, step: 0),
                "promote --full dns: generation 2 stays, and its watch ends"
            ),
            ("a", .abort, "abort dns: generation 2, which is watched, gives way"),
        ] {
            #expect(model.press([.character(Character(key))], at: .seconds(2)) == nil)
            #expect(text(model).last == "\(words)? [y/N]")
            let wish = model.press([.character("y")], at: .seconds(2))
            #expect(wish == .ask(act, path: "/run/relevo/dns/control"))
            model.answered(nil, at: .seconds(3))
        }
        _ = model.press([.character("h")], at: .seconds(5))
        #expect(model.question == nil)
        #expect(model.notice(at: .seconds(6)) == "dns is watched: there is no step to hold")
        // One that is over meanwhile is none to promote.
        _ = model.press([.character("p")], at: .seconds(7))
        model.take([look(status(drains: true))], at: .seconds(8))
        #expect(model.question == nil)
        #expect(model.notice(at: .seconds(9)) == "the watch over dns is over: nothing was asked")
        // Nor is the canary that comes after its last step.
        model.take([look(status(canary: canary))], at: .seconds(20))
        _ = model.press([.character("p")], at: .seconds(21))
        model.take([look(status(watch: watch))], at: .seconds(22))
        #expect(model.question == nil)
    }

    @Test func aDryRunIsShownAsSuch() {
        var dry = status()
        dry.generations.append(
            GenerationStatus(id: 3, state: .starting, command: ["x"], flows: 0, workers: []))
        dry.handover = HandoverStatus(from: 2, to: 3, phase: .start, seconds: 3, isDryRun: true)
        var model = TopModel()
        model.take([look(dry)], at: .seconds(1))
        let lines = text(model, 200)
        #expect(lines.contains { $0.hasPrefix("> dns") && $0.contains(" dry run ") })
        #expect(lines.contains { $0.contains("; dry run 2 to 3, start since 3.0 s") }, "\(lines)")
        #expect(lines.contains { $0.hasSuffix("a dry run: it gets no flow") })
    }
}
