import ControlProtocol
import Testing

@testable import relevo

struct WaitTests {
    private static func generation(
        _ state: GenerationState, _ workers: [WorkerStateName] = [.ready], flows: Int = 0,
        sessions: Int? = nil, outside: OutsideStatus? = nil
    ) -> GenerationStatus {
        GenerationStatus(
            id: state == .current ? 2 : 1, state: state, command: [], flows: flows,
            outside: outside,
            workers: workers.enumerated().map {
                WorkerStatus(index: $0, pid: 1, state: $1, restarts: 0, sessions: sessions)
            })
    }

    private static func reached(
        _ generations: GenerationStatus..., handover: Bool = false
    ) -> Set<WaitGoal> {
        let current = generations.first { $0.state == .current }?.id
        let status = ServiceStatus(
            name: "x", pid: 1, current: current, listeners: [], generations: generations,
            handover: handover
                ? HandoverStatus(from: 1, to: 2, phase: .drain, seconds: 1) : nil)
        return Set(WaitGoal.allCases.filter { $0.isReached(in: status) })
    }

    @Test func nothingIsReachedByAServiceThatStarts() {
        #expect(Self.reached() == [.drained, .idle])
        #expect(Self.reached(Self.generation(.starting, [.starting])) == [.idle])
    }

    @Test func readyWantsEveryWorkerAndCurrentOne() {
        #expect(Self.reached(Self.generation(.current)) == Set(WaitGoal.allCases))
        #expect(
            Self.reached(Self.generation(.current, [.ready, .restarting]))
                == [.current, .drained, .idle])
        #expect(Self.reached(Self.generation(.current, [.restarting])) == [.drained, .idle])
    }

    @Test func anUpgradeThatIsNotOverIsNeitherCurrentNorDrained() {
        #expect(
            Self.reached(Self.generation(.current), Self.generation(.starting), handover: true)
                == [.ready, .idle])
        #expect(
            Self.reached(Self.generation(.current), Self.generation(.draining), handover: true)
                == [.ready, .current, .idle])
    }

    @Test func idleIsWithoutSessionsOfAnyKind() {
        #expect(!Self.reached(Self.generation(.current, flows: 1)).contains(.idle))
        #expect(!Self.reached(Self.generation(.current, sessions: 1)).contains(.idle))
        #expect(
            !Self.reached(
                Self.generation(.draining, outside: OutsideStatus(connections: 1))
            ).contains(.idle))
    }

    @Test(
        arguments: [
            (ServiceEventKind.workerReady, "worker 2.1 is ready (pid 7)"),
            (.workerExited, "worker 2.1 exited (pid 7): it\\u001b is"),
            (.following, "generation 2 is current: it\\u001b is"),
            (.generationStopped, "generation 2 has ended"),
            (.warning, "warning of worker 2.1: it\\u001b is"),
            (ServiceEventKind(rawValue: "newer"), "newer: generation 2: it\\u001b is"),
        ])
    func anEventIsALineForPeople(kind: ServiceEventKind, text: String) {
        let event = ServiceEvent(
            time: "2026-11-28T04:00:00.000Z", kind: kind, generation: 2, worker: 1, pid: 7,
            message: "it\u{1b} is")
        let wanted = text.replacing("\\u001b", with: StatusText.printable("\u{1b}"))
        #expect(EventText.line(event) == "2026-11-28T04:00:00.000Z  \(wanted)")
    }
}
