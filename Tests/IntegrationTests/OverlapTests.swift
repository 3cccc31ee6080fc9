import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    @Suite struct WithoutOverlap {
        static let options = quick + ["--overlap", "no", "--ready-timeout", "2s"]
        /// One process knows nothing of another's flows, and both answer some of them.
        static let load = lastingFlows + ["--expect-move"]

        @Test func theQueueIsKeptForTheNextGeneration() throws {
            let service = try Service.current(Self.options, command: try echo())
            let load = try service.load(Self.load)
            #expect(try service.upgrade(to: try echo("--ready-delay", "500ms")))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
            #expect(result.moved == 50)
            #expect(try service.status().lastHandover?.drops == 0)
        }

        @Test func theTimeOfTheFlipIsInItsReport() throws {
            let service = try Service.current(Self.options, command: try echo())
            let events = try service.starting("events")
            #expect(try events.output.next { $0.contains("following") } != nil)
            #expect(try service.upgrade())
            let ended = try #require(try events.output.next { $0.contains("handoverEnded") })
            #expect(ended.contains("\"flip\":"), "\(ended)")
            let failed = try service.relevo("upgrade", "--", "/bin/false")
            #expect(failed.exit == .code(1))
            let phases = try #require(try service.status().lastHandover).phases
            #expect(phases.flip == nil && phases.ready == nil, "\(phases)")
        }

        @Test func neverTwoProcessesRunAtOnce() throws {
            let folder = try TemporaryFolder()
            let lock = folder.file("lock")
            let service = try Service.current(
                Self.options, command: ["flock", "--no-fork", "--nonblock", lock] + (try echo()))
            let load = try service.load(Self.load)
            for _ in 2...3 { #expect(try service.upgrade()) }
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3), "\(result)")
        }

        @Test func theOldCommandComesBackWhenTheNewOneFails() throws {
            let service = try Service.current(Self.options, command: try echo())
            let load = try service.load(Self.load)
            let upgrade = try service.upgrading(to: try echo("--never-ready", "--summary"))
            #expect(upgrade.failed(1, saying: "was not ready in time"), "\(upgrade)")
            #expect(try service.eventually { $0.current == 3 })
            #expect(try service.eventually(3) { $0.workers.first?.state == .ready })
            #expect(try service.generation(3)?.command.contains("--summary") == false)
            #expect(try service.receives(200))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 3), "\(result)")
            #expect(try service.status().lastHandover?.result == .failed)
        }

        @Test func theOldCommandComesBackWhenTheNewOneIsKilled() throws {
            let service = try Service.current(Self.options, command: try echo())
            let load = try service.load(Self.load)
            let upgrade = try service.starting(
                ["upgrade", "--"] + echo("--ready-delay", "1min", "--summary"))
            #expect(try service.line(with: "worker 2.0 started") != nil)
            try service.signal(SignalNumber.kill, of: 2)
            let finished = try upgrade.finished()
            #expect(finished.failed(1, saying: "killed by signal 9"), "\(finished)")
            #expect(try service.eventually(3) { $0.workers.first?.state == .ready })
            #expect(try service.receives(200))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 3), "\(result)")
        }

        @Test func theNumberOfWorkersMayChange() throws {
            let service = try Service.current(
                Self.options + ["--workers", "3"], command: try echo())
            let load = try service.load(Self.load)
            #expect(try service.upgrade("--workers", "1"))
            #expect(try service.upgrade("--workers", "2"))
            #expect(try service.generation(3)?.workers.count == 2)
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3), "\(result)")
        }

        @Test func aRestartKeepsTheQueueToo() throws {
            let service = try Service.current(quick + ["--workers", "2"], command: try echo())
            let load = try service.load(Self.load)
            #expect(try service.relevo("restart").succeeded)
            // Every flow has its turn.
            #expect(try service.receives(200))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
            #expect(result.moved == 50)
            #expect(try service.status().current == 2)
        }
    }
}
