import HandoverCore
import Testing

@testable import ServiceCore

/// Which file a generation runs, and what is said of it.
@Suite struct ProgramTests {
    private static func facts(_ inode: UInt64, modified: UInt64 = 1) -> FileFacts {
        FileFacts(device: 1, inode: inode, size: 10, modified: modified)
    }

    private static func program(_ inode: UInt64, modified: UInt64 = 1) -> Program {
        Program(
            files: [
                ProgramFile(
                    named: "/app/current/server", place: "/app/r1/server", path: "/app/r1/server-1",
                    facts: facts(inode, modified: modified))
            ])
    }

    private var file: ProgramFile { Self.program(7).files[0] }

    @Test func aNameThatStillLeadsToTheFileIsExecuted() {
        let source = ProgramSource(file, isHeld: true) { _ in Self.facts(7) }
        #expect(source == .path("/app/r1/server"))
        // Its last link was turned elsewhere.
        let other = ProgramSource(file, isHeld: true) {
            $0 == "/app/r1/server-1" ? Self.facts(7) : Self.facts(8)
        }
        #expect(other == .path("/app/r1/server-1"))
    }

    @Test func aFileThatWasReplacedOrRemovedIsExecutedByWhatIsHeld() {
        #expect(ProgramSource(file, isHeld: true) { _ in Self.facts(8) } == .held)
        #expect(ProgramSource(file, isHeld: true) { _ in nil } == .held)
        #expect(ProgramSource(file, isHeld: false) { _ in nil } == .replacement("/app/r1/server"))
    }

    @Test func whatHasChangedOnDiskIsTold() {
        #expect(ProgramChange.find(in: Self.program(7)) { _ in Self.facts(7) } == nil)
        #expect(
            ProgramChange.find(in: Self.program(7)) { _ in Self.facts(8) }
                == .replaced("/app/current/server"))
        #expect(
            ProgramChange.find(in: Self.program(7)) { _ in nil } == .replaced("/app/current/server")
        )
        #expect(
            ProgramChange.find(in: Self.program(7)) { _ in Self.facts(7, modified: 2) }
                == .overwritten("/app/current/server"))
    }

    @Test func whatIsHeldIsNotLost() {
        func loss(_ isHeld: Bool, _ facts: (String) -> FileFacts?) -> ProgramChange? {
            var program = Self.program(7)
            program.files.append(
                ProgramFile(
                    named: "/app/x.py", place: "/app/x.py", path: "/app/x.py", facts: Self.facts(9))
            )
            return ProgramChange.loss(of: program, isHeld: isHeld, facts: facts)
        }
        let script = Self.facts(9)
        #expect(loss(false) { $0 == "/app/x.py" ? script : Self.facts(7) } == nil)
        #expect(loss(true) { $0 == "/app/x.py" ? script : Self.facts(8) } == nil)
        #expect(loss(true) { $0 == "/app/x.py" ? script : nil } == nil)
        #expect(loss(false) { $0 == "/app/x.py" ? script : nil } == .replaced("/app/r1/server"))
        #expect(
            loss(true) { $0 == "/app/x.py" ? script : Self.facts(7, modified: 2) }
                == .overwritten("/app/r1/server"))
        #expect(loss(true) { _ in Self.facts(7) } == .replaced("/app/x.py"))
    }

    @Test func aRollbackToWhatIsLostSaysSo() {
        var run = upgraded(Self.program(8))
        run.bindAll()
        run.take(.programLost(GenerationID(2), .replaced("/app/x.py")))
        #expect(
            remarks(run.verbs) == [
                "/app/x.py is another file now, or gone: what generation 2 began with is held by nobody, "
                    + "and generation 2 runs what is there now"
            ])
    }

    @Test(arguments: [
        ("server.py", true), ("/app/x.jar", true), ("-c", false), ("/var/lib/x.db", false),
        ("py", false), ("/etc/server.conf", false), ("", false),
    ])
    func onlyCodeAmongTheArgumentsIsAFileOfTheProgram(word: String, isCode: Bool) {
        #expect(ProgramFile.isCode(word) == isCode)
    }

    @Test func filesThatItLoadsAreNamedAndNotMoreThanEight() {
        #expect(ProgramChange(loaded: []) == nil)
        #expect(
            ProgramChange(loaded: ["/lib/a.so"])?.text == "/lib/a.so is another file now, or gone")
        let many = (1...10).map { "/\($0).so" }
        #expect(
            ProgramChange(loaded: many)?.text
                == "/1.so, /2.so, /3.so, /4.so, /5.so, /6.so, /7.so, /8.so and 2 more are other files now, or gone"
        )
    }

    // MARK: In a service

    private func upgraded(_ second: Program, command: [String]? = nil) -> ServiceRun {
        var run = ServiceRun()
        run.programs = [GenerationID(1): Self.program(7), GenerationID(2): second]
        run.serve()
        run.take(
            .asked(
                AskerID(1), .upgrade(command: command, workers: nil), .flip, sendsProgress: true,
                from: Origin(uid: 1000, message: "fix")))
        return run
    }

    private func remarks(_ verbs: [Verb]) -> [String] {
        verbs.compactMap { verb in
            guard case .tell(AskerID(1), .remark(let text, _, _)) = verb else { return nil }
            return text
        }
    }

    @Test func nothingIsStartedBeforeItsProgramIsKnown() {
        var run = upgraded(Self.program(8))
        let asked = run.verbs
        #expect(asked.contains(.identify(GenerationID(2))))
        // The bank is there first.
        for case .bind(let slot) in asked {
            run.take(.slotBound(slot, BoundSocket(inode: UInt64(900 + slot.number))))
        }
        func started(_ verbs: [Verb]) -> Bool {
            verbs.contains {
                if case .spawn(let id) = $0 { id.generation == GenerationID(2) } else { false }
            }
        }
        #expect(!started(run.verbs))
        run.take(.identified(GenerationID(2), Self.program(8), at: 5))
        #expect(started(run.verbs))
        #expect(
            run.service.programs.origin(of: GenerationID(2))
                == Origin(at: 5, uid: 1000, message: "fix"))
    }

    @Test func anUpgradeToTheSameFilesSaysSo() {
        var same = upgraded(Self.program(7))
        same.bindAll()
        #expect(
            remarks(same.verbs) == [
                "the same files run again: /app/r1/server-1 is what generation 1 runs"
            ])
        var newer = upgraded(Self.program(8))
        newer.bindAll()
        #expect(remarks(newer.verbs).isEmpty)
        var written = upgraded(Self.program(7, modified: 2))
        written.bindAll()
        #expect(remarks(written.verbs).isEmpty)
        var other = upgraded(Self.program(7), command: ["/bin/server", "--new-option"])
        other.bindAll()
        #expect(remarks(other.verbs).isEmpty)
    }

    @Test func aGenerationRunsTheFilesThatWereFoundForIt() {
        let run = upgraded(Self.program(8))
        let launches = run.service.machine.generations.map(\.launch.program)
        #expect(launches == [GenerationID(1), GenerationID(2)])
        #expect(
            run.service.machine.generation(GenerationID(2))?.previous?.program == GenerationID(1))
    }

    @Test func aProgramIsHeldAsLongAsSomethingCanBeStartedFromIt() {
        var programs = Programs([
            GenerationID(1): Self.program(7), GenerationID(2): Self.program(8),
        ])
        let run = upgraded(Self.program(8))
        #expect(programs.keep(for: run.service.machine.generations) == [])
        let first = Array(run.service.machine.generations.prefix(1))
        #expect(programs.keep(for: first) == [GenerationID(2)])
        #expect(programs.keep(for: []) == [GenerationID(1)])
    }
}
