import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

/// What happened is remembered, over the death of the supervisor and the end of the service.
@Suite(.ownNetwork, .needsRoot)
struct HistoryTests {
    private static let options = ["--listen", "udp://127.0.0.1:4433", "--linger", "0"]

    private func history(_ service: Service, _ number: Int? = nil) throws -> [HandoverRecord] {
        let words = number.map { ["\($0)"] } ?? []
        let answer = try service.relevo(["history"] + words + ["--json"])
        let text = number == nil ? answer.text : "[\(answer.text)]"
        return try JSONDecoder().decode([HandoverRecord].self, from: Data(text.utf8))
    }

    /// Waits until the last handover stands so.
    private func last(
        _ service: Service, _ condition: (HandoverRecord) -> Bool
    ) throws -> HandoverRecord? {
        var found: HandoverRecord?
        _ = try eventually {
            found = try history(service).last
            return found.map(condition) ?? false
        }
        return found.flatMap { condition($0) ? $0 : nil }
    }

    @Test func eachHandoverIsThereOnceWithAllThatIsKnownOfIt() throws {
        let service = try Service.current(Self.options, command: try Programs.echo())
        let upgrade = try service.relevo("upgrade", "--wait", "drained", "--message", "the fix")
        #expect(upgrade.exit == .code(0), "\(upgrade)")
        let failed = try service.relevo(
            "upgrade", "--", "/bin/sh", "-c", "echo cannot open the database >&2; exit 7")
        #expect(failed.exit == .code(1))
        #expect(try service.relevo("rollback", "--wait", "drained").exit == .code(0))

        let all = try history(service)
        #expect(all.map(\.number) == [1, 2, 3, 4], "\(all)")
        #expect(all.map(\.kind) == ["start", "upgrade", "upgrade", "rollback"])
        #expect(all.map(\.result) == [.completed, .completed, .failed, .completed])
        #expect(all.map(\.from) == [nil, 1, 2, 2] && all.map(\.to) == [1, 2, 3, 4])
        #expect(all[1].message == "the fix" && all[1].uid == 0)
        #expect(try #require(all[1].timeToFlip) > 0)
        #expect(all[1].phases.drain != nil && all[1].drops == 0 && all[1].cutFlows == 0)
        #expect(all[1].program?.path.hasSuffix("relevo-load") == true)
        #expect(all[2].timeToFlip == nil)

        let whole = try #require(try history(service, 2).first)
        let steps = try #require(whole.steps)
        #expect(steps.map(\.what) == ["started", "ready", "flipped", "drained", "ended"])
        #expect(steps.map(\.seconds) == steps.map(\.seconds).sorted())
        #expect(whole.checks?.map(\.passed) == [true])
        #expect(try #require(whole.samples).count >= 1)
        let bad = try #require(try history(service, 3).first)
        #expect(bad.output?.contains { $0.contains("cannot open the database") } == true)
        #expect(bad.reason?.contains("exited with status 7") == true)

        let list = try service.relevo("history")
        #expect(list.output.count == 5 && list.text.contains("the fix"), "\(list.text)")
        let one = try service.relevo("history", "3")
        #expect(one.text.contains("| [3.0] cannot open the database"), "\(one.text)")
        let picture = service.folder.file("upgrade.svg")
        #expect(try service.relevo("report", "2", "--output", picture).exit == .code(0))
        #expect(String(decoding: try readFile(picture), as: UTF8.self).contains("upgrade 1 → 2"))
        let none = try service.relevo("history", "99")
        #expect(none.failed(1, saying: "there is no handover 99"), "\(none)")
    }

    @Test(.needsFlowSteering) func itsSamplesSayHowManyDatagramsEachGenerationGot() throws {
        let service = try Service.current(
            Self.options + ["--drain-timeout", "60s"], command: try Programs.echo())
        let old = try service.load(["--flows", "20", "--rate", "600"])
        #expect(try service.upgrade())
        let new = try service.load(["--flows", "10", "--rate", "200"])
        #expect(try service.receives(2000))
        let samples = try #require(try history(service, 2).first?.samples)
        let (ofOld, ofNew) = (try old.stopped(), try new.stopped())
        #expect(ofOld.isAnswered(by: 1) && ofNew.isAnswered(by: 2))
        let last = try #require(samples.last)
        let toNew = try #require(last.toDatagrams, "\(samples)")
        #expect(samples.compactMap(\.toDatagrams) == samples.compactMap(\.toDatagrams).sorted())
        // Three of four are the old one's while both are there; each load knows what it has sent.
        #expect(toNew > 100 && toNew <= ofNew.sent, "\(samples)")
        #expect(last.datagrams - toNew > 300 && last.datagrams - toNew <= ofOld.sent, "\(samples)")
    }

    @Test func aSupervisorThatIsKilledInItsMidstIsInItsTimeline() throws {
        let service = try Service.current(
            Self.options + ["--drain-timeout", "60s"], command: try Programs.echo())
        let load = try service.load(["--flows", "5", "--rate", "100"])
        #expect(try service.receives(50))
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try last(service) { $0.result == .underWay } != nil)
        try service.succeed()
        let open = try #require(try history(service, 2).first)
        #expect(open.result == .underWay)
        #expect(open.steps?.contains { $0.what == "takenOver" } == true)
        #expect(try service.relevo("drain", "--timeout", "0").exit == .code(0))
        let ended = try #require(try last(service) { $0.result == .completed })
        #expect(ended.number == 2 && ended.cutFlows == 5, "\(ended)")
        #expect(try history(service).count == 2)
        _ = try load.stopped()
    }

    @Test func theNextLifeGoesOnCounting() throws {
        let service = try Service.current(Self.options, command: try Programs.echo())
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.relevo("stop").exit == .code(0))
        _ = try service.process.exit()
        try service.resume([])
        #expect(try service.line(with: "new flows go to generation 1") != nil)
        _ = try last(service) { $0.number == 3 }
        let all = try history(service)
        #expect(all.map(\.number) == [1, 2, 3] && all.map(\.to) == [1, 2, 1], "\(all)")
        #expect(all.allSatisfy { $0.result == .completed })
    }

    @Test func whatHasEndedHasLeftItsHistory() throws {
        let service = try Service.current(
            Self.options + ["--name", "past"], command: try Programs.echo())
        #expect(
            try service.relevo("upgrade", "--wait", "drained", "--message", "the fix").succeeded)
        let whole = try service.relevo("history", "past", "2", "--json")
        #expect(try service.relevo("stop").succeeded)
        #expect(try service.process.exit() == .code(0))
        #expect(try service.relevo("history").failed(69, saying: "no supervisor"))
        let all = try service.relevo("history", "past")
        #expect(all.succeeded && all.text.contains("the fix"), "\(all)")
        #expect(all.errors.first?.contains("no supervisor runs 'past': this is what ") == true)
        // It is told in the same words.
        let later = try service.relevo("history", "past", "2", "--json")
        #expect(later.output == whole.output)
        let picture = service.folder.file("upgrade.svg")
        let report = try service.relevo("report", "past", "-o", picture)
        #expect(report.succeeded && report.errors == all.errors, "\(report)")
        #expect(String(decoding: try readFile(picture), as: UTF8.self).contains("upgrade 1 → 2"))
        let none = try service.relevo("history", "past", "9")
        #expect(none.exit == .code(1) && none.errors.last?.contains("no handover 9") == true)
    }

    @Test func aCanarysTimeIsAmongThePhases() throws {
        let service = try Service.current(Self.options, command: try Programs.echo())
        let upgrade = try service.relevo(
            "upgrade", "--canary", "50%", "--step", "100ms", "--wait", "drained")
        #expect(upgrade.succeeded, "\(upgrade)")
        let one = try #require(try history(service, 2).first)
        #expect(try #require(one.phases.canary) >= 0.1)
        #expect(try #require(history(service).last).phases.canary == one.phases.canary)
    }

    @Test func whatIsGoneAtOnceWasInterrupted() throws {
        let service = try Service.current(
            Self.options + ["--drain-timeout", "60s"], command: try Programs.echo())
        let load = try service.load(["--flows", "5", "--rate", "100"])
        #expect(try service.receives(50))
        #expect(try service.relevo("upgrade").exit == .code(0))
        _ = try load.stopped()
        // It is in the file a moment later.
        let path = service.folder.file("state/relevo/history")
        #expect(try eventually { try readFile(path).count > 600 })
        #expect(try last(service) { $0.result == .underWay } != nil)
        let workers = try service.status().generations.flatMap { $0.workers.compactMap(\.pid) }
        #expect(workers.count == 2)
        let all = [try service.keeper()] + workers.map { Int32($0) }
        try service.process.signal(19)
        for pid in all {
            let process = try ProcessHandle(opening: pid)
            try process.signal(9)
            #expect(try process.wait(for: .readable, within: .seconds(10)))
        }
        try service.crash()
        try service.resume([])
        #expect(try service.line(with: "new flows go to generation 1") != nil)
        _ = try last(service) { $0.number == 3 }
        let handovers = try history(service)
        #expect(handovers.map(\.number) == [1, 2, 3], "\(handovers)")
        #expect(handovers.map(\.result) == [.completed, .interrupted, .completed])
    }

    @Test(
        arguments: [[0x41, 0x42], Array("RELEVOHI".utf8) + [9, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]])
    func aBrokenFileIsSetAsideAndTold(_ bytes: [UInt8]) throws {
        let service = try Service.current(Self.options, command: try Programs.echo())
        #expect(try service.relevo("stop").exit == .code(0))
        _ = try service.process.exit()
        let path = service.folder.file("state/relevo/history")
        try writeFile(path, bytes)
        try service.resume([])
        #expect(try service.line(with: "it was set aside as \(path).refused") != nil)
        #expect(try service.line(with: "new flows go to generation 1") != nil)
        #expect(try readFile(path + ".refused") == bytes)
        #expect(try last(service) { $0.number == 1 } != nil)
    }

    @Test func aFullDiskHoldsNothingUpAndIsToldOnce() throws {
        let folder = try TemporaryFolder()
        let state = folder.file("tiny")
        try makeFolders(state)
        let mount = try Finished.running(
            ["/bin/mount", "-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", state])
        #expect(mount.exit == .code(0), "\(mount.errors)")
        defer { _ = try? Finished.running(["/bin/umount", "--lazy", state]) }
        let service = try Service.current(
            Self.options, command: try Programs.echo(), environment: ["STATE_DIRECTORY=\(state)"])
        let path = "\(state)/relevo/history"
        #expect(try eventually { try FileStatus(of: path) != nil })
        let before = try readFile(path)
        // A file takes all the room that is left.
        #expect(throws: KernelError.self) {
            try writeFile("\(state)/filler", [UInt8](repeating: 1, count: 1 << 20))
        }
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.line(with: "the history cannot be written") != nil)
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try history(service).map(\.number) == [1, 2, 3])
        #expect(try readFile(path) == before)
        #expect(
            service.process.output.lines.count { $0.contains("history cannot be written") } == 1)
        try removeFile("\(state)/filler")
        // The end of the service tries once more.
        #expect(try service.relevo("stop").exit == .code(0))
        _ = try service.process.exit()
        try service.resume([])
        #expect(try service.line(with: "new flows go to generation 1") != nil)
        #expect(try last(service) { $0.number == 4 } != nil)
        #expect(try history(service).map(\.result) == Array(repeating: .completed, count: 4))
    }
}
