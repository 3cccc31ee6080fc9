import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    @Suite struct Stop {
        /// What is sent to a service that has stopped is not waited for.
        private let impatience = ["--timeout", "500ms"]

        @Test func waitsForTheFlowsToEnd() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(lastingFlows)
            let stop = try service.starting("stop")
            #expect(try service.eventually(1) { $0.state == .draining })
            #expect(try service.receives(1000))
            #expect(try service.generation(1)?.state == .draining)
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
            #expect(try stop.exit() == .code(0))
            #expect(try service.process.exit() == .code(0))
        }

        @Test func waitsNoLongerThanItIsTold() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(lastingFlows + impatience)
            #expect(try service.relevo("stop", "--drain-timeout", "500ms").succeeded)
            #expect(try service.process.exit() == .code(0))
            let result = try load.stopped()
            #expect(result.generations["1", default: 0] > 0)
        }

        @Test func withoutDrainIsAtOnce() throws {
            let service = try Service.current(
                ["--listen", "udp://\(address)"], command: try echo())
            let load = try service.load(lastingFlows + impatience)
            let worker = try present(try service.worker())
            #expect(try service.relevo("stop", "--drain-timeout", "0").succeeded)
            #expect(try service.process.exit() == .code(0))
            #expect(throws: KernelError.self) { try ProcessHandle(opening: worker).signal(0) }
            #expect(try load.stopped().generations["1", default: 0] > 0)
        }

        @Test func endsOldGenerationsAsWell() throws {
            let service = try Service.current(quick, command: try echo())
            let old = try service.load(lastingFlows)
            #expect(try service.upgrade())
            let new = try service.load(lastingFlows)
            let stop = try service.starting("stop")
            #expect(try service.eventually(2) { $0.state == .draining })
            #expect(try service.receives(500))
            #expect(try old.stopped().isAnswered(by: 1))
            #expect(try new.stopped().isAnswered(by: 2))
            #expect(try stop.exit() == .code(0))
            #expect(try service.process.exit() == .code(0))
        }

        @Test(arguments: [SignalNumber.terminate, SignalNumber.interrupt])
        func bySignalDrainsAndTheSecondSignalEndsItAtOnce(_ signal: Int32) throws {
            let service = try Service.current(
                ["--listen", "udp://\(address)"], command: try echo())
            let load = try service.load(lastingFlows + impatience)
            try service.process.signal(signal)
            #expect(try service.eventually(1) { $0.state == .draining })
            #expect(try service.receives(500))
            #expect(try service.generation(1)?.state == .draining)
            try service.process.signal(signal)
            #expect(try service.process.exit() == .code(0))
            let result = try load.stopped()
            #expect(result.generations["1", default: 0] >= 500)
        }

        @Test func isRefusedNothingButUpgrades() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(lastingFlows)
            try service.process.signal(SignalNumber.terminate)
            #expect(try service.eventually(1) { $0.state == .draining })
            let upgrade = try service.upgrading(to: [])
            #expect(upgrade.failed(1, saying: "stop"), "\(upgrade)")
            #expect(try load.stopped().isAnswered(by: 1))
            #expect(try service.process.exit() == .code(0))
        }
    }

    @Suite struct HangUp {
        @Test func isRefusedWhileAnUpgradeIsUnderWay() throws {
            let hold = try Hold()
            let service = try Service.current(quick + hold.options(), command: try echo())
            try hold.set()
            try service.process.signal(SignalNumber.hangUp)
            #expect(try service.line(with: "worker 2.0 started") != nil)
            try service.process.signal(SignalNumber.hangUp)
            #expect(
                try service.line(with: "upgrade refused: generation 2 is still starting") != nil)
            try hold.release()
            #expect(try service.line(with: "new flows go to generation 2") != nil)
            #expect(try service.probe().isAnswered(by: 2))
        }

        @Test func isAnUpgrade() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(changingFlows)
            try service.process.signal(SignalNumber.hangUp)
            #expect(try service.line(with: "new flows go to generation 2") != nil)
            #expect(try service.ended(1))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
        }
    }
}
