import ControlProtocol
import TestSeeds
import Testing

@testable import relevo

/// What a live view shows and what keys do to it.
struct TopTests {
    private func worker(_ index: Int, cpu: Double?, message: String? = nil) -> WorkerStatus {
        WorkerStatus(
            index: index, pid: 100 + index, state: .ready, restarts: 0, message: message,
            cpuSeconds: cpu, residentBytes: 4_194_304)
    }

    func status(
        _ name: String = "dns", pid: Int = 7, datagrams: Int = 0, drops: Int = 0, flows: Int = 30,
        canary: CanaryStatus? = nil, watch: WatchStatus? = nil, drains: Bool = false,
        cpu: Double? = 1, workers: Int = 1,
        message: String? = nil
    ) -> ServiceStatus {
        var generations = [
            GenerationStatus(
                id: 2, state: .current, command: ["x"], flows: flows,
                workers: (0..<workers).map { worker($0, cpu: cpu, message: message) },
                watch: watch)
        ]
        if drains {
            generations.insert(
                GenerationStatus(
                    id: 1, state: .draining, command: ["x"], flows: 4,
                    outside: OutsideStatus(connections: 2), workers: [],
                    drainSecondsLeft: 300, drainSecondsLikely: 42), at: 0)
        }
        if let canary {
            generations.append(
                GenerationStatus(
                    id: 3, state: .canary, command: ["x"], flows: 5, workers: [], canary: canary))
        }
        return ServiceStatus(
            name: name, pid: pid, current: 2,
            listeners: [
                ListenerStatus(
                    address: "udp://[::]:53", steering: "flow",
                    counters: ListenerCounters(datagrams: datagrams, newFlows: 1, drops: drops))
            ], generations: generations,
            handover: canary.map { _ in HandoverStatus(from: 2, to: 3, phase: .canary, seconds: 3) }
                ?? watch.map { _ in HandoverStatus(from: 1, to: 2, phase: .drain, seconds: 3) })
    }

    func look(_ status: ServiceStatus) -> ServiceLook {
        ServiceLook(path: "/run/relevo/\(status.name)/control", .success(status))
    }

    func text(
        _ model: TopModel, _ columns: Int = 80, _ rows: Int = 24, isUTF8: Bool = true,
        at time: Duration = .seconds(10)
    ) -> [String] {
        TopScreen(model: model, isUTF8: isUTF8, now: time, interval: "1s")
            .lines(columns: columns, rows: rows).map(\.text)
    }

    let canary = CanaryStatus(share: 5, step: 1, steps: 3)

    @Test func ratesAreWhatPassedBetweenTwoLooks() throws {
        var model = TopModel()
        model.take([look(status(datagrams: 1000, drops: 1, cpu: 1))], at: .seconds(1))
        #expect(try #require(model.chosen).rates == nil)
        model.take([look(status(datagrams: 1500, drops: 2, cpu: 1.25))], at: .seconds(3))
        let service = try #require(model.chosen)
        #expect(service.rates == .init(datagrams: 250, newFlows: 0, drops: 0.5))
        #expect(service.share == 0.125)
    }

    @Test func anotherSupervisorsCountersAreNotComparedWithTheFormerOnes() throws {
        var model = TopModel()
        model.take([look(status(pid: 7, datagrams: 1000))], at: .seconds(1))
        model.take([look(status(pid: 8, datagrams: 5000))], at: .seconds(2))
        #expect(try #require(model.chosen).rates == nil)
        // Replaced in place it has the same number, and counts from 0.
        model.take([look(status(pid: 8, datagrams: 10))], at: .seconds(3))
        #expect(try #require(model.chosen).rates == nil)
        model.take([look(status(pid: 8, datagrams: 20))], at: .seconds(4))
        #expect(try #require(model.chosen).rates?.datagrams == 10)
    }

    @Test func oneThatWasNotLookedAtIsComparedWithItsLastLook() throws {
        var model = TopModel()
        for (cpu, time) in [(1.0, 1), (nil, 2), (2, 3)] as [(Double?, Int)] {
            model.take([look(status(cpu: cpu))], at: .seconds(time))
        }
        #expect(try #require(model.chosen).share == 0.5)
    }

    @Test func newSessionsAreTheCanarysOrTheCurrentOnes() {
        #expect(status(drains: true).newSessions == 30 && status(drains: true).oldSessions == 6)
        let tried = status(canary: canary)
        #expect(tried.newSessions == 5 && tried.oldSessions == 30)
    }

    @Test func nothingIsAskedWithoutAYes() {
        var model = TopModel()
        model.take([look(status(canary: canary))], at: .seconds(1))
        #expect(model.press([.character("p")], at: .seconds(2)) == nil)
        #expect(text(model).last == "promote dns: generation 3, 5% of clients? [y/N]")
        #expect(model.press([.character("n")], at: .seconds(2)) == nil)
        #expect(model.question == nil && model.underWay == nil)
        #expect(model.press([.character("y")], at: .seconds(2)) == nil)
        for (key, word, request) in [
            ("p", "promote", ControlRequest.promote(full: false, generation: 3, step: 1)),
            ("P", "promote --full", .promote(full: true, generation: 3, step: 1)),
            ("h", "hold", .hold), ("a", "abort", .abort),
        ] {
            #expect(model.press([.character(Character(key))], at: .seconds(2)) == nil)
            let wish = model.press([.character("y")], at: .seconds(2))
            #expect(wish == .ask(request, path: "/run/relevo/dns/control"))
            model.answered(nil, at: .seconds(3))
            #expect(model.notice(at: .seconds(4)) == "\(word) dns: done")
        }
    }

    /// Who types or pastes ahead has not seen what is asked.
    @Test func aYesThatWasTypedBeforeTheQuestionWasShownIsNone() {
        var model = TopModel()
        model.take([look(status(canary: canary))], at: .seconds(1))
        #expect(model.press([.character("p"), .character("y")], at: .seconds(2)) == nil)
        #expect(model.question != nil)
    }

    @Test func aQuestionIsAboutOneStepOnly() {
        var model = TopModel()
        model.take([look(status(canary: canary))], at: .seconds(1))
        _ = model.press([.character("p")], at: .seconds(2))
        model.take([look(status(canary: canary))], at: .seconds(3))
        #expect(model.question != nil)
        let next = CanaryStatus(share: 25, step: 2, steps: 3)
        model.take([look(status(canary: next))], at: .seconds(4))
        #expect(model.question == nil)
        #expect(model.press([.character("y")], at: .seconds(5)) == nil)
    }

    @Test func aServiceWithoutACanaryIsAskedNothing() {
        var model = TopModel()
        model.take([look(status())], at: .seconds(1))
        _ = model.press([.character("a")], at: .seconds(2))
        #expect(model.question == nil)
        #expect(text(model, at: .seconds(7)).last == "dns has no canary and no watch to abort")
        #expect(text(model, at: .seconds(8)).last?.hasPrefix("q quit") == true)
    }

    @Test func oneThatIsGoneIsShownForAWhileAndComesBack() throws {
        var model = TopModel()
        model.take([look(status())], at: .seconds(1))
        model.take([], at: .seconds(2))
        #expect(text(model).contains { $0.contains("its supervisor is gone") })
        model.take([look(status())], at: .seconds(3))
        #expect(try #require(model.chosen).trouble == nil)
        model.take([], at: .seconds(4))
        model.take([], at: .seconds(64))
        #expect(model.services.isEmpty)
        #expect(text(model).contains("no service is running here"))
    }

    @Test func theNamedOneIsWaitedForHoweverLongItIsGone() {
        var model = TopModel(isOne: true)
        let gone = ServiceLook(path: "/run/relevo/dns/control", .failure(.gone))
        model.take([gone], at: .seconds(1))
        model.take([gone], at: .seconds(1000))
        #expect(model.services.count == 1)
    }

    @Test func theOrderIsThatOfTheFigureAndTheSelectionStays() {
        var model = TopModel()
        let looks = [look(status("a", flows: 1)), look(status("b", flows: 3))]
        model.take(looks, at: .seconds(1))
        #expect(model.services.map(\.name) == ["a", "b"] && model.chosen?.name == "a")
        _ = model.press([.character("s")], at: .seconds(2))
        #expect(model.services.map(\.name) == ["b", "a"] && model.chosen?.name == "a")
        _ = model.press([.up, .up], at: .seconds(2))
        #expect(model.chosen?.name == "b")
        _ = model.press([.end], at: .seconds(2))
        #expect(model.chosen?.name == "a")
    }

    // MARK: The screen

    private var models: [TopModel] {
        func model(_ statuses: [ServiceStatus]) -> TopModel {
            var model = TopModel()
            for time in 1...100 { model.take(statuses.map(look), at: .seconds(time)) }
            return model
        }
        let names = (0..<50).map { "service-\($0)" }
        return [
            model([]), model([status(canary: canary, drains: true, workers: 40)]),
            model(names.map { status($0) }),
            model([
                status(
                    String(repeating: "名前", count: 60), drains: true,
                    message: String(repeating: "é\u{301}字", count: 200))
            ]),
        ]
    }

    @Test(arguments: [(80, 24), (200, 50), (60, 24), (40, 10), (10, 3), (1, 1)])
    func theScreenIsFilledAndNeverLeft(columns: Int, rows: Int) {
        for model in models {
            for isUTF8 in [true, false] {
                let lines = text(model, columns, rows, isUTF8: isUTF8)
                #expect(lines.count == rows)
                for line in lines { #expect(ScreenText.width(line) <= columns, "\(line)") }
                if !isUTF8 { #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }) }
            }
        }
    }

    @Test func at80ColumnsTheFiguresThatMatterAreThere() {
        let lines = text(models[1])
        for word in ["NAME", "PHASE", "NEW", "OLD", "DGRAM/S", "WORKER", "CPU", "MEM"] {
            #expect(lines.contains { $0.contains(word) }, "\(word)")
        }
        #expect(lines.contains { $0.contains("canary 5%") })
        #expect(lines.contains { $0.hasSuffix("5% of clients, step 1/3, until promote or abort") })
        #expect(lines.contains { $0.contains("about 42.0 s, at most 5 min") })
        #expect(lines.contains { $0.hasPrefix("  new") && $0.contains("▁") || $0.contains("█") })
        #expect(lines.contains { $0.contains("more workers") })
    }

    /// Before names are cut short, figures that others stand for are left out.
    @Test func at80ColumnsANameCanBeTold() {
        var model = TopModel()
        model.take(["frontend-east", "frontend-west"].map { look(status($0)) }, at: .seconds(1))
        let lines = text(model)
        for name in ["frontend-east", "frontend-west"] {
            #expect(lines.contains { $0.contains("  \(name)  ") || $0.contains("> \(name)  ") })
        }
        #expect(!lines.contains { $0.contains("MEM ") && $0.contains("NAME") })
    }

    @Test func whyThereAreNoFiguresIsShown() {
        let words: [(ServiceLook.Failure, String, String)] = [
            (.gone, "gone", "its supervisor is gone; what it told before:"),
            (.silent, "silent", "its supervisor does not answer; what it told before:"),
            (.denied, "denied", "it may not be asked by this user; what it told before:"),
        ]
        for (failure, word, sentence) in words {
            var model = TopModel()
            model.take([look(status())], at: .seconds(1))
            model.take([.init(path: "/run/relevo/dns/control", .failure(failure))], at: .seconds(2))
            let lines = text(model)
            #expect(lines.contains { $0.hasPrefix("> dns") && $0.contains(" \(word) ") })
            #expect(lines.contains("dns: \(sentence)"))
        }
    }

    @Test func generationsThatHaveEndedTakeNoRows() {
        var ended = status()
        ended.generations.insert(
            GenerationStatus(
                id: 1, state: .stopped, command: ["x"], flows: 0, workers: [worker(0, cpu: nil)]),
            at: 0)
        var model = TopModel()
        model.take([look(ended)], at: .seconds(1))
        #expect(text(model).contains { $0.contains(" 2.0 ") || $0.contains("2.0  ") })
        #expect(!text(model).contains { $0.contains("1.0  ") || $0.contains("stopped") })
    }

    @Test func ofMoreWorkersThanFitThoseInTroubleAndAtWorkAreShown() {
        var model = TopModel()
        for second in 1...2 {
            var status = status(workers: 40)
            status.generations[0].workers[38].cpuSeconds = Double(second)
            status.generations[0].workers[37].state = .starting
            status.generations[0].workers[35].restarts = 1
            model.take([look(status)], at: .seconds(second))
        }
        let lines = text(model)
        let shown = lines.compactMap { $0.firstMatch(of: #/^ *2\.(\d+) /#)?.1 }
        #expect(shown.suffix(3) == ["35", "37", "38"] && shown.first == "0")
        #expect(lines.contains { $0 == "  and \(40 - shown.count) more workers" })
        // Where all fit they stand in their order.
        #expect(text(model, 80, 100).contains { $0.contains(" 2.39 ") || $0.contains("2.39  ") })
    }

    @Test func theSelectedOneOfManyIsOnTheScreen() {
        var model = models[2]
        _ = model.press([.end], at: .seconds(101))
        #expect(text(model).contains { $0.hasPrefix("> service-9") })
        #expect(text(model).contains { $0.contains("of 50 services") })
    }

    @Test func whatWorkersSayMovesNoCursor() {
        let evil = "\u{1b}]0;x\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2028}\u{200b}\r\nend"
        var model = TopModel()
        model.take([look(status(evil, message: evil))], at: .seconds(1))
        for isUTF8 in [true, false] {
            let screen = TopScreen(
                model: model, isUTF8: isUTF8, now: .seconds(1), interval: "1s")
            for line in screen.lines(columns: 120, rows: 24).map(\.text) + screen.plain(width: nil)
            {
                for scalar in line.unicodeScalars {
                    #expect(scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value))
                    #expect(scalar.properties.generalCategory != .format)
                }
            }
        }
    }

    @Test func marksThatAreHeapedUpAreCut() {
        let heap = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(ScreenText.cut(heap, to: 10).unicodeScalars.count <= 41)
    }

    @Test(arguments: [
        ("abc", 3), ("名前", 4), ("e\u{301}", 1), ("한글", 4), ("🙂", 2), ("ｱ", 1), ("Ａ", 2), ("", 0),
    ])
    func widthsAreThoseOfTerminals(text: String, width: Int) {
        #expect(ScreenText.width(text) == width)
    }

    @Test(arguments: [
        (["LANG": "en_US.UTF-8"], true), (["LANG": "C"], false), ([:], false),
        (["LANG": "en_US.UTF-8", "LC_ALL": "C"], false), (["LC_CTYPE": "C.utf8"], true),
        (["LC_ALL": "", "LANG": "de_DE.UTF-8@euro"], true), (["LANG": "de_DE.ISO-8859-1"], false),
    ])
    func theLocaleSaysWhatTheTerminalShows(variables: [String: String], isUTF8: Bool) {
        #expect(ScreenText.isUTF8 { variables[$0] } == isUTF8)
    }

    @Test func thePlotShowsTheLeastSession() {
        let samples = [TopService.Sample(old: 1, new: 0), .init(old: 0, new: 1000)]
        for isUTF8 in [true, false] {
            let lines = TopPlot(samples, width: 80, isUTF8: isUTF8).lines(height: 2)
                .map(\.text)
            #expect(lines.count == 4)
            let (full, least) = isUTF8 ? ("█", "▁") : ("#", ".")
            #expect(lines[0].hasSuffix(" \(full)") && lines[1].hasSuffix(" \(full)"))
            #expect(lines[3].hasSuffix("\(least) "))
        }
    }

    @Test(arguments: [
        (0, "0"), (9999, "9999"), (12_345, "12.3k"), (123_456, "123k"), (4_500_000, "4.5M"),
        (-1, "?"), (Int.max, "9.2E"),
    ])
    func countsTakeFewColumns(count: Int, text: String) {
        #expect(TopText.count(count) == text)
    }

    // MARK: Keys

    @Test func keysAreReadHoweverTheyAreCut() {
        let bytes = Array("q\u{1b}[A\u{1b}OB\u{1b}[5~j".utf8)
        let expected: [TopKey] = [.character("q"), .up, .down, .pageUp, .character("j")]
        var whole = TopKeys()
        #expect(whole.take(bytes) == expected)
        // A lone escape is a key: what is cut is cut behind the bracket.
        for cut in bytes.indices where bytes[cut] != 0x1b && bytes[max(cut - 1, 0)] != 0x1b {
            var keys = TopKeys()
            #expect(keys.take(Array(bytes[..<cut])) + keys.take(Array(bytes[cut...])) == expected)
        }
        #expect(whole.take([0x1b]) == [.escape])
    }

    @Test func whatIsPastedIsNoKeys() {
        var keys = TopKeys()
        #expect(keys.take(Array("\u{1b}[200~py".utf8)) == [])
        #expect(keys.take(Array("Pq\u{1b}[201~s".utf8)) == [.character("s")])
    }

    @Test func anyBytesAreTakenAndNoneAreKeptForEver() {
        var random = SeededGenerator(seed: 7)
        var keys = TopKeys()
        for _ in 0..<10_000 {
            _ = keys.take((0..<20).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
        _ = keys.take(Array("\u{1b}[".utf8) + [UInt8](repeating: 0x30, count: 1000))
        _ = keys.take(Array("\u{1b}[201~".utf8))
        #expect(keys.take(Array("q".utf8)).last == .character("q"))
    }
}
