import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

/// `relevo top` in a real terminal, in a pipe, and while services change under it.
@Suite(.ownNetwork, .needsProgram("tmux", in: "tmux")) struct TopTests {
    private func service() throws -> Service {
        try Service.current(["--name", "dns"] + quick, command: try echo())
    }

    @Test(arguments: [(80, 24), (200, 50)])
    func aCanaryIsWatchedAndPromotedByAKey(columns: Int, rows: Int) throws {
        let service = try service()
        let load = try service.load([
            "--flows", "100", "--rate", "1000", "--open-rate", "100", "--expect-rollback",
        ])
        let screen = try TerminalScreen(service.environment, columns: columns, rows: rows)
        try screen.beginTop("--interval 200ms")
        #expect(try screen.shows("1.0", "ready", "DGRAM/S", "DROPS", "q quit"))
        let upgrade = try service.starting("upgrade", "--canary", "20%")
        #expect(try screen.shows("canary 20%", "step 1/1, until promote or abort"))
        try screen.type("p")
        #expect(try screen.shows("promote dns: generation 2, 20% of clients? [y/N]"))
        try screen.type("n")
        #expect(try screen.shows("nothing was asked"))
        #expect(try service.status().current == 1)
        try screen.type("p")
        #expect(try screen.shows("? [y/N]"))
        try screen.type("y")
        #expect(try screen.shows("promote dns: done"))
        #expect(try upgrade.finished().succeeded)
        #expect(try screen.shows("generation 2 serves"))
        try screen.type("q")
        #expect(try screen.hasEnded(0))
        #expect(try load.stopped().isAnswered(by: 1, 2))
    }

    @Test(arguments: [true, false])
    func aWatchIsShownAndEndedByAKey(stays: Bool) throws {
        let service = try service()
        let screen = try TerminalScreen(service.environment)
        try screen.beginTop("--interval 200ms")
        #expect(try screen.shows("generation 1 serves"))
        let upgrade = try service.starting("upgrade", "--watch", "1h")
        #expect(try screen.shows(" watch ", "watched for 59 min", "kept until the watch is over"))
        try screen.type(stays ? "p" : "a")
        let words = stays ? "generation 2 stays, and its watch ends" : "gives way"
        #expect(try screen.shows("\(words)? [y/N]"))
        try screen.type("y")
        #expect(try screen.shows("\(stays ? "promote" : "abort") dns: done"))
        #expect(try upgrade.finished().exit == .code(stays ? 0 : 1))
        #expect(try service.status().current == (stays ? 2 : 1))
        try screen.type("q")
        #expect(try screen.hasEnded(0))
    }

    @Test func aDryRunIsShownAsSuch() throws {
        let service = try service()
        let folder = try TemporaryFolder()
        let gate = folder.file("gate")
        #expect(try Finished.running(["mkfifo", gate]).succeeded)
        let upgrade = try service.starting(
            "upgrade", "--dry-run", "--check", "exec:/bin/sh -c 'read line < \(gate)'")
        #expect(try service.eventually { $0.handover?.phase == .ready })
        let told = try service.relevo("top", "--interval", "200ms")
        #expect(told.output.contains { $0.contains(" dry run ") }, "\(told)")
        #expect(told.output.contains { $0.contains("a dry run: it gets no flow") }, "\(told)")
        let status = try service.relevo("status")
        #expect(status.output.contains { $0.hasPrefix("dry run 1 to 2: ready, since ") })
        #expect(try Finished.running(["sh", "-c", "echo go > \(gate)"]).succeeded)
        #expect(try upgrade.finished().succeeded)
    }

    @Test func itFollowsTheSizeOfTheTerminalToItsLastColumn() throws {
        let service = try service()
        let screen = try TerminalScreen(service.environment)
        try screen.beginTop()
        #expect(try screen.shows("generation 1 serves"))
        for (columns, rows) in [(40, 12), (200, 50), (80, 24)] {
            try screen.resize(columns: columns, rows: rows)
            let isCut = columns == 40
            #expect(
                try eventually {
                    let lines = try screen.text()
                    let last = lines.last ?? ""
                    return lines.count == rows && last.hasPrefix("q quit")
                        && last.hasSuffix(isCut ? "…" : "a abort")
                        && (!isCut || last.count == columns)
                })
        }
        try screen.type("q")
        #expect(try screen.hasEnded(0))
        #expect(try service.status().current == 1)
    }

    @Test(arguments: ["C-c", "TERM", "HUP", "C-\\"])
    func theTerminalIsAsItWasHoweverItEnds(way: String) throws {
        let service = try service()
        let screen = try TerminalScreen(service.environment)
        try screen.beginTop()
        #expect(try screen.shows("generation 1 serves"))
        if way.hasPrefix("C-") {
            try screen.type(way)
        } else {
            let signal = way == "TERM" ? SignalNumber.terminate : SignalNumber.hangUp
            try screen.viewer().signal(signal)
        }
        #expect(try screen.hasEnded(0))
        #expect(try service.status().current == 1)
    }

    @Test func itEndsWithItsTerminal() throws {
        let service = try service()
        let screen = try TerminalScreen(service.environment)
        try screen.beginTop()
        #expect(try screen.shows("generation 1 serves"))
        let viewer = try screen.viewer()
        try screen.run("kill-server")
        #expect(try viewer.wait(for: .readable, within: .seconds(20)))
        #expect(try service.status().current == 1)
    }

    @Test func itGoesOnAfterCtrlZ() throws {
        let service = try service()
        let screen = try TerminalScreen(service.environment)
        try screen.type("\(try Programs.path("relevo")) top", "Enter")
        #expect(try screen.shows("q quit"))
        try screen.type("C-z")
        #expect(try screen.shows("Stopped"))
        try screen.type("fg", "Enter")
        #expect(try screen.shows("q quit", "generation 1 serves"))
        try screen.type("q")
        #expect(try screen.shows("ready:"))
        #expect(try service.status().current == 1)
    }

    @Test func oneThatWasSuspendedCanBeEndedInTheBackground() throws {
        let service = try service()
        let screen = try TerminalScreen(service.environment)
        try screen.beginTop()
        #expect(try screen.shows("generation 1 serves"))
        let viewer = try screen.viewer()
        try screen.type("C-z")
        #expect(try screen.shows("ended"))
        try screen.type("kill %1; kill -CONT %1", "Enter")
        #expect(try viewer.wait(for: .readable, within: .seconds(20)))
        #expect(try service.status().current == 1)
    }

    @Test func whereNobodyCouldHaveItGoOnCtrlZStopsNothing() throws {
        let service = try service()
        let screen = try TerminalScreen(
            service.environment, program: "\(try Programs.path("relevo")) top")
        #expect(try screen.shows("generation 1 serves"))
        let program = try screen.program()
        try screen.type("C-z", "?")
        #expect(try screen.shows("selects a service"))
        try screen.type("q")
        #expect(try program.wait(for: .readable, within: .seconds(20)))
        #expect(try service.status().current == 1)
    }

    @Test func aSupervisorThatEndsAndComesBackIsFollowed() throws {
        let service = try service()
        let screen = try TerminalScreen(service.environment)
        try screen.beginTop("--interval 200ms")
        #expect(try screen.shows("generation 1 serves"))
        try service.crash()
        #expect(try screen.shows("gone", "what it told before"))
        try service.resume()
        #expect(try screen.shows("generation 1 serves"))
        try screen.type("q")
        #expect(try screen.hasEnded(0))
    }

    @Test func aSupervisorThatStandsStillKeepsNoKeyWaiting() throws {
        let service = try service()
        let screen = try TerminalScreen(service.environment)
        // Until then nobody is silent, and the question stands.
        try screen.beginTop("--interval 200ms --timeout 8s")
        let upgrade = try service.starting("upgrade", "--canary", "20%")
        #expect(try screen.shows("until promote or abort"))
        try screen.type("a")
        #expect(try screen.shows("[y/N]"))
        try service.process.signal(SignalNumber.stop)
        defer { _ = try? service.process.signal(SignalNumber.resume) }
        try screen.type("y")
        #expect(try screen.shows("abort dns …"))
        #expect(try screen.shows("silent", "does not answer; what it told before"))
        try screen.type("?")
        #expect(try screen.shows("selects a service"))
        try screen.type("q")
        #expect(try screen.hasEnded(0))
        try service.process.signal(SignalNumber.resume)
        // What was asked before is done all the same.
        #expect(try upgrade.finished().exit == .code(1))
    }

    @Test func withoutColoursNothingIsMarkedByThem() throws {
        let service = try service()
        let plain = try TerminalScreen(service.environment)
        try plain.type("export NO_COLOR=1", "Enter")
        try plain.beginTop()
        let coloured = try TerminalScreen(service.environment)
        try coloured.beginTop()
        for screen in [plain, coloured] {
            #expect(try screen.shows("> dns", "generation 1 serves"))
            let isStyled = try screen.styledText().contains { $0.contains("\u{1b}") }
            #expect(isStyled == (screen === coloured))
            try screen.type("q")
            #expect(try screen.hasEnded(0))
        }
    }

    @Test func inAPipeItIsToldOnce() throws {
        let service = try service()
        let told = try service.relevo("top", "--interval", "200ms")
        #expect(told.succeeded && told.output.first?.hasPrefix("NAME") == true, "\(told)")
        #expect(told.output.contains { $0.contains("generation 1 serves") })
        #expect(told.output.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } })
        #expect(told.errors.isEmpty)
        #expect(try service.relevo("top", "--interval", "1ms").exit == .code(64))
        #expect(try service.relevo("top", "nonesuch").exit == .code(69))
        let closed = try Finished.running(
            ["sh", "-c", #""$0" top --interval 200ms | exec true"#, try Programs.path("relevo")],
            environment: service.environment)
        #expect(closed.succeeded && closed.errors.isEmpty, "\(closed)")
    }

    @Test func asJSONItIsOneObjectWithRates() throws {
        struct Report: Decodable {
            struct Rates: Decodable { let datagrams: Double }
            struct Worker: Decodable { let cpu: Double?, residentBytes: Int? }
            struct Service: Decodable {
                let name: String, up: Bool, reason: String?, rates: Rates?, workers: [Worker]
            }
            let services: [Service]
        }
        func report(_ service: Service) throws -> Report {
            let told = try service.relevo("top", "--json")
            return try JSONDecoder().decode(Report.self, from: Data(told.text.utf8))
        }
        let service = try service()
        let load = try service.load(lastingFlows)
        let services = try report(service).services
        let found = try #require(services.first)
        #expect(found.name == "dns" && found.up && services.count == 1)
        #expect(100..<10_000 ~= (try #require(found.rates).datagrams), "\(services)")
        #expect(found.workers.first?.cpu != nil && found.workers.first?.residentBytes ?? 0 > 0)
        #expect(try load.stopped().ok)
        try service.process.signal(SignalNumber.stop)
        defer { _ = try? service.process.signal(SignalNumber.resume) }
        let silent = try #require(try report(service).services.first)
        #expect(!silent.up && silent.reason == "silent" && silent.rates == nil)
    }

    @Test func aDumbTerminalIsToldOnceAndWhy() throws {
        let service = try service()
        let screen = try TerminalScreen(service.environment)
        try screen.type("TERM=dumb \(try Programs.path("relevo")) top; echo ended $?", "Enter")
        #expect(try screen.shows("ended 0", "generation 1 serves", "no live view, TERM says"))
        #expect(try service.status().current == 1)
    }
}
