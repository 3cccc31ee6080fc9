import ControlProtocol
import Kernel
import TestKit
import Testing

/// Which descriptors a worker has, and what an upgrade leaves behind in the supervisor.
@Suite(.ownNetwork, .needsRoot)
struct WorkersDescriptorTests {
    private static let serving = """
        tell_facts()
        notify("READY=1")
        serve()
        """

    private static func expectOnlyItsOwn(_ facts: WorkerFacts, sockets: Int) {
        let numbers = Set(facts.descriptors.keys)
        // The last one is its channel.
        #expect(numbers == Set((0...3 + sockets).map(String.init)), "\(facts.descriptors)")
        #expect(facts.environment["RELEVO_CHANNEL"] == "\(3 + sockets)")
        for number in 3...3 + sockets {
            #expect(facts.descriptors["\(number)"]?.hasPrefix("socket:") == true)
        }
        for number in 1...2 {
            #expect(facts.descriptors["\(number)"]?.hasPrefix("pipe:") == true)
        }
    }

    @Test func noWorkerHasMoreThanItsOwnSocketsAfterUpgradesAndRestarts() throws {
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--listen", "tcp://127.0.0.1:4433",
                "--workers", "2", "--linger", "0",
            ], command: PythonWorker.command(Self.serving))
        var sockets: Set<String> = []
        for index in 0..<2 {
            let facts = try service.facts(of: "1.\(index)")
            Self.expectOnlyItsOwn(facts, sockets: 2)
            sockets.formUnion(facts.descriptors.filter { ["3", "4"].contains($0.key) }.values)
        }
        #expect(sockets.count == 4, "two workers share no socket")
        for generation in 2...4 {
            #expect(try service.relevo("upgrade").exit == .code(0))
            for index in 0..<2 {
                Self.expectOnlyItsOwn(try service.facts(of: "\(generation).\(index)"), sockets: 2)
            }
        }
        let before = try service.facts(of: "4.1")
        try service.kill(worker: 1)
        #expect(try service.restarted(worker: 1))
        let pid = try #require(try service.worker(1))
        let after = try service.facts(of: "4.1", process: pid)
        Self.expectOnlyItsOwn(after, sockets: 2)
        #expect(after.descriptors["3"] == before.descriptors["3"], "the same socket again")
        #expect(after.descriptors["4"] == before.descriptors["4"])
    }

    @Test func tenUpgradesAndARestartLeaveNothingInTheSupervisor() throws {
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--listen", "tcp://127.0.0.1:4433",
                "--workers", "2", "--linger", "0",
            ], command: Programs.echo())
        let folder = "/proc/\(service.process.pid)/fd"
        // From the first upgrade on there is a program before, which is held for a rollback.
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        // A control connection goes a moment after its client.
        let count = try steady { try listFolder(folder).count }
        for _ in 0..<10 {
            #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        }
        #expect(try service.relevo("upgrade", "--", "/bin/false").exit == .code(1))
        try service.kill(worker: 1)
        #expect(try service.restarted(worker: 1))
        #expect(try eventually { try listFolder(folder).count == count })
        #expect(try listFolder("\(service.folder.path)/run/notify").count == 2)
    }

    /// Who dies before the next supervisor takes over two generations.
    enum Death: CaseIterable, Sendable {
        case supervisor
        case supervisorAndWorker
        case keeperThenSupervisor
        case keeperThenSupervisorAndWorker

        var isOfTheKeeper: Bool {
            switch self {
            case .supervisor, .supervisorAndWorker: false
            case .keeperThenSupervisor, .keeperThenSupervisorAndWorker: true
            }
        }

        var isOfAWorker: Bool {
            switch self {
            case .supervisor, .keeperThenSupervisor: false
            case .supervisorAndWorker, .keeperThenSupervisorAndWorker: true
            }
        }
    }

    @Test(arguments: Death.allCases)
    func aTakeoverLeavesNothingThatNobodyUses(_ death: Death) throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--workers", "2", "--linger", "0"],
            command: Programs.echo())
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        let before = try steady { try held(of: service) }
        // What a takeover finds besides what stays: a generation whose end is to come.
        let leaving = try #require(try service.worker(0))
        try ProcessHandle(opening: leaving).signal(Signal.stop)
        #expect(try service.relevo("upgrade").exit == .code(0))
        let worker = try #require(try service.worker(1))
        if death.isOfTheKeeper {
            try ProcessHandle(opening: try service.keeper(of: 1)).signal(9)
            #expect(try service.line(with: "has all") != nil)
        }
        try service.crash()
        if death.isOfAWorker { try ProcessHandle(opening: worker).signal(9) }
        try service.resume()
        #expect(try service.line(with: "took over") != nil)
        if death.isOfAWorker { #expect(try service.restarted(worker: 1)) }
        // A stopped process group that loses its parent is ended by the kernel (setpgid(2)).
        _ = try? ProcessHandle(opening: leaving).signal(Signal.goOn)
        #expect(try service.ended(2))
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        let after = try steady { try held(of: service) }
        #expect(after == before)
    }

    /// How many descriptors of each kind the supervisor and the keeper have open.
    private func held(of service: Service) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        let folder = Array("RUNTIME_DIRECTORY=\(service.folder.file("run"))".utf8)
        let keepers = try listFolder("/proc").compactMap { Int32($0) }.filter {
            (try? readFile("/proc/\($0)/comm")) == Array("relevo-keeper\n".utf8)
                && ProcessView.environment(of: $0).contains { $0.elementsEqual(folder) }
        }
        for process in keepers + [service.process.pid] {
            // What is gone meanwhile has none.
            let numbers = try? ProcessView.numbers(in: "fd", of: process, atMost: 4096)
            for number in numbers ?? [] {
                guard let target = try? ProcessView.link("fd/\(number)", of: process) else {
                    continue
                }
                counts[target.filter { !$0.isNumber }, default: 0] += 1
            }
        }
        return counts
    }

    /// A value that has been the same a hundred times in a row.
    private func steady<Value: Equatable>(_ value: () throws -> Value) throws -> Value {
        var last = try value()
        var times = 0
        _ = try eventually {
            let next = try value()
            times = next == last ? times + 1 : 0
            last = next
            return times == 100
        }
        return last
    }
}
