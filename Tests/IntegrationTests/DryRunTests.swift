import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

/// A new generation that is only started to see whether it would do.
@Suite(.ownNetwork) struct DryRunTests {
    private func history(_ service: Service) throws -> [HandoverRecord] {
        let answer = try service.relevo("history", "--json")
        return try JSONDecoder().decode([HandoverRecord].self, from: Data(answer.text.utf8))
    }

    /// Whether the first generation serves as if nothing had been asked.
    private func isUnchanged(_ service: Service, since before: ServiceStatus) throws -> Bool {
        let after = try service.status()
        func workers(_ status: ServiceStatus) -> [Int?]? {
            status.generations.first?.workers.map(\.pid)
        }
        // Dry runs are counted by themselves.
        func counts(_ status: ServiceStatus) -> [Int?] {
            let handovers = status.tally?.handovers
            return [
                handovers?.completed, handovers?.incomplete, handovers?.failed,
                handovers?.rolledBack, handovers?.aborted, status.tally?.workerRestarts,
            ]
        }
        return after.current == 1 && after.generations.first?.state == .current
            && workers(after) == workers(before)
            && after.generations.first?.workers.allSatisfy { $0.restarts == 0 } == true
            && after.changedSettings == before.changedSettings && after.handover == nil
            && counts(after) == counts(before) && after.tally?.phases == before.tally?.phases
    }

    /// Its check finds what the check of a canary finds.
    @Test func ofAGoodVersionSaysSoAndChangesNothing() throws {
        let folder = try TemporaryFolder()
        let all = ["ready", "flipped", "drained", "failed", "rolledback"]
        let told = folder.file("told")
        let service = try Service.current(
            quick + ["--workers", "2"]
                + all.flatMap {
                    ["--hook", "\($0) /bin/sh -c 'echo $RELEVO_GENERATION >> \(told)'"]
                },
            command: try echo())
        let before = try service.status()
        let load = try service.load(changingFlows)
        let script =
            "echo $RELEVO_SERVICE $RELEVO_GENERATION $RELEVO_SHARE > \(folder.file("seen"))"
        let dryRun = try service.relevo(
            ["upgrade", "--dry-run", "--check", "exec:/bin/sh -c '\(script)'", "--message", "new"]
                + ["--"] + (try echo("--summary")))
        #expect(dryRun.succeeded, "\(dryRun)")
        #expect(
            dryRun.output.last
                == "generation 2 got ready, its check passed: it would have become current; "
                + "nothing has changed", "\(dryRun)")
        let seen = String(decoding: try readFile(folder.file("seen")), as: UTF8.self)
        #expect(seen == "relevo-load 2 0%\n")
        #expect(try service.ended(2))
        #expect(try service.generation(2)?.state != .failed)
        #expect(try service.receives(200))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1), "\(result)")
        #expect(try isUnchanged(service, since: before))
        let last = try #require(try service.status().lastHandover)
        #expect(last.result == .passed && last.isDryRun == true && last.drops == 0, "\(last)")
        let record = try #require(try history(service).last)
        #expect(record.kind == "dryRun" && record.result == .passed && record.to == 2)
        #expect(record.message == "new")
        let table = try service.relevo("history").text
        #expect(table.contains("dry run passed"), "\(table)")
        // It is no generation to go back to, and the next upgrade is of what is current.
        let back = try service.relevo("rollback", "--to", "2")
        #expect(back.failed(1, saying: "generation 2 never became current"), "\(back)")
        #expect(try service.upgrade())
        #expect(try service.generation(3)?.command.contains("--summary") == false)
        // The first generation's and the third's; nothing of the second.
        #expect(
            try eventually {
                let text = String(decoding: try readFile(told), as: UTF8.self)
                return Set(text.split(separator: "\n")) == ["1", "3"]
            })
    }

    @Test(arguments: try Promises.Promise4AFailedUpgradeChangesNothing.badVersions)
    func ofAVersionThat(
        _ version: Promises.Promise4AFailedUpgradeChangesNothing.BadVersion
    ) throws {
        let service = try Service.current(
            quick + ["--ready-timeout", "1s", "--stop-timeout", "500ms", "--workers", "2"],
            command: try echo())
        let before = try service.status()
        let load = try service.load(changingFlows)
        let dryRun = try service.relevo(["upgrade", "--dry-run", "--"] + version.command)
        #expect(dryRun.failed(1, saying: version.reason), "\(dryRun)")
        #expect(dryRun.errors.first?.hasPrefix("relevo: dry run failed: ") == true, "\(dryRun)")
        #expect(try service.ended(2))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1), "\(result)")
        #expect(try isUnchanged(service, since: before))
        #expect(try history(service).last?.kind == "dryRun")
        #expect(try history(service).last?.result == .failed)
    }

    @Test func whoseCheckFailsSaysWhatItSaid() throws {
        let service = try Service.current(quick, command: try echo())
        let before = try service.status()
        let load = try service.load(changingFlows)
        let dryRun = try service.relevo(
            "upgrade", "--dry-run", "--check", "exec:/bin/sh -c 'echo no zones; exit 3'")
        #expect(
            dryRun.failed(1, saying: "its check failed: ended with code 3: no zones"), "\(dryRun)")
        let missing = try service.relevo("upgrade", "--dry-run", "--check", "exec:/no/such/check")
        #expect(missing.failed(1, saying: "its check failed: execute /no/such/check"), "\(missing)")
        #expect(try service.ended(3))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1), "\(result)")
        #expect(try isUnchanged(service, since: before))
    }

    @Test func ofAReleaseRunsThatFolder() throws {
        let folder = try TemporaryFolder()
        let path = try realPath(folder.path)
        for version in [1, 2] {
            try makeFolders("\(path)/r\(version)")
            let echo = try Programs.path("relevo-load")
            let text = "#!/bin/sh\necho version \(version)\nexec \(echo) serve\n"
            try writeFile("\(path)/r\(version)/server", Array(text.utf8), mode: 0o755)
        }
        let service = try Service.current(
            quick + ["--release", "\(path)/r1"], command: ["{release}/server"])
        let load = try service.load(changingFlows)
        let dryRun = try service.relevo("upgrade", "--dry-run", "--release", "\(path)/r2")
        #expect(dryRun.succeeded, "\(dryRun)")
        #expect(try service.says("[2.0] version 2"))
        #expect(try service.ended(2))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1), "\(result)")
        #expect(try service.upgrade())
        #expect(try service.generation(3)?.command == ["\(path)/r1/server"])
    }

    @Test func changedSettingsAndListenersOfTheFileWait() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("echo.conf")
        func write(ports: [Int], idle: Int) throws {
            let server = try Programs.echo().joined(separator: " ")
            let service = "[Service]\nName=echo\nLinger=20ms\nCommand=\(server)\n"
            let listeners = ports.map {
                "[Listener]\nAddress=udp://127.0.0.1:\($0)\nIdleTimeout=\(idle)s\n"
            }
            try writeFile(file, Array((service + listeners.joined()).utf8))
        }
        try write(ports: [4433], idle: 1)
        let service = try Service.current(["--config", file], command: [])
        let load = try service.load(changingFlows)
        try write(ports: [4433, 4434], idle: 9)
        let before = try service.status()
        #expect(before.changedSettings?.isEmpty == false)
        for options in [[], ["--config", file]] {
            let dryRun = try service.relevo(["upgrade", "--dry-run"] + options)
            #expect(dryRun.succeeded, "\(dryRun)")
        }
        #expect(try service.ended(3))
        #expect(try isUnchanged(service, since: before))
        #expect(try service.status().listeners.count == 1)
        // The next upgrade brings them.
        #expect(try service.upgrade())
        #expect(try service.status().listeners.count == 2)
        #expect(try service.status().changedSettings == [])
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 4), "\(result)")
    }

    @Test func goesOnUnderTheNextSupervisorAndNeverFlips() throws {
        let hold = try Hold()
        let service = try Service.current(quick + hold.options(), command: try echo())
        let load = try service.load(changingFlows)
        try hold.set()
        let first = try service.starting("upgrade", "--dry-run")
        #expect(try service.line(with: "worker 2.0 started") != nil)
        try service.succeed()
        _ = try first.finished()
        try hold.release()
        #expect(try service.eventually { $0.lastHandover?.result == .passed })
        // And once more while its check runs, which the first supervisor's never ends.
        let folder = try TemporaryFolder()
        let script = "echo > \(folder.file("runs")); test -e \(folder.file("second")) || sleep 1000"
        let second = try service.starting(
            "upgrade", "--dry-run", "--check", "exec:/bin/sh -c '\(script)'")
        #expect(try eventually { try FileStatus(of: folder.file("runs")) != nil })
        try writeFile(folder.file("second"), [])
        try service.succeed()
        _ = try second.finished()
        #expect(try service.eventually { $0.lastHandover?.to == 3 })
        let status = try service.status()
        #expect(status.lastHandover?.result == .passed && status.current == 1, "\(status)")
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1), "\(result)")
    }

    @Test func isCalledOffByARollback() throws {
        let service = try Service.current(quick, command: try echo())
        let folder = try TemporaryFolder()
        let dryRun = try service.starting(
            "upgrade", "--dry-run", "--check",
            "exec:/bin/sh -c 'echo > \(folder.file("runs")); sleep 1000'")
        #expect(try eventually { try FileStatus(of: folder.file("runs")) != nil })
        #expect(try service.relevo("rollback").succeeded)
        let told = try dryRun.finished()
        #expect(told.failed(1, saying: "cancelled by rollback"), "\(told)")
        #expect(try service.ended(2))
        #expect(try service.status().current == 1)
    }

    @Test func needsAGenerationBesideWhichItCanRun() throws {
        let service = try Service.current(quick + ["--overlap", "no"], command: try echo())
        let refused = try service.relevo("upgrade", "--dry-run")
        #expect(refused.failed(1, saying: "these may not overlap"), "\(refused)")
        let useless = try service.relevo("upgrade", "--dry-run", "--no-wait")
        #expect(useless.exit == .code(64))
    }
}
