import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    @Suite struct Promise3NewFlowsGoToTheNewest {
        @Test func readyGenerationFromTheFlipOn() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(
                ["--flows", "200", "--rate", "2000", "--open-rate", "1000"])
            for generation in 2...4 {
                #expect(try service.upgrade())
                let probe = try service.probe()
                #expect(probe.isAnswered(by: generation), "\(probe)")
            }
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3, 4), "\(result)")
            #expect(result.staleFlows == 0)
            #expect(result.flows > 400)
        }

        @Test func notToOneThatIsStarting() throws {
            let hold = try Hold()
            let service = try Service.current(quick + hold.options(), command: try echo())
            try hold.set()
            let upgrade = try service.starting("upgrade")
            #expect(try service.line(with: "worker 2.0 started") != nil)
            #expect(try service.generation(2)?.state == .starting)
            let before = try service.probe()
            #expect(before.isAnswered(by: 1), "\(before)")
            try hold.release()
            #expect(try upgrade.exit() == .code(0))
            let after = try service.probe()
            #expect(after.isAnswered(by: 2), "\(after)")
        }

        @Test func notToOneOfWhichSomeWorkersAreReady() throws {
            let hold = try Hold()
            let service = try Service.current(
                quick + hold.options(worker: 1) + ["--workers", "2"], command: try echo())
            try hold.set()
            let upgrade = try service.starting("upgrade")
            #expect(try service.line(with: "worker 2.0 is ready") != nil)
            let before = try service.probe()
            #expect(before.isAnswered(by: 1), "\(before)")
            try hold.release()
            #expect(try upgrade.exit() == .code(0))
        }

        @Test func notToOneThatDrains() throws {
            let service = try Service.current(quick, command: try echo())
            let old = try service.load(lastingFlows)
            #expect(try service.upgrade())
            #expect(try service.generation(1)?.state == .draining)
            let probe = try service.probe(flows: 200)
            #expect(probe.isAnswered(by: 2), "\(probe)")
            #expect(try service.generation(1)?.state == .draining)
            #expect(try old.stopped().isAnswered(by: 1))
        }

        @Test func notToAWorkerThatIsDead() throws {
            let death = try TemporaryFolder()
            let mark = death.file("dies")
            let command =
                [
                    "sh", "-c", "test $RELEVO_WORKER = 0 && test -e \(mark) && exit 1; exec \"$@\"",
                    "sh",
                ]
                + (try echo())
            let service = try Service.current(quick + ["--workers", "2"], command: command)
            try writeFile(mark, Array("now\n".utf8))
            try service.kill(worker: 0)
            #expect(try service.line(with: "worker 1.0 will be started again") != nil)
            #expect(try service.line(with: "worker 1.0 will be started again") != nil)
            // Of forty flows about twenty would wait for the dead one.
            let probe = try service.probe()
            #expect(probe.isAnswered(by: 1), "\(probe)")
            #expect(try service.generation(1)?.workers.first?.state == .restarting)
            try removeFile(mark)
            #expect(try service.eventually(1) { $0.workers.first?.state == .ready })
        }
    }
}
