import ControlProtocol
import Metrics

/// The lines of the metrics of these services.
func lines(_ looks: [ServiceLook], _ format: Exposition = .openMetrics) -> [String] {
    String(decoding: ServiceMetrics(looks).text(format), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}

func look(_ status: ServiceStatus, at path: String = "/run/relevo/dns/control") -> ServiceLook {
    ServiceLook(path: path, .success(status))
}

/// A service in the middle of a drain, with two workers, one of them dead.
let draining: ServiceStatus = {
    var tally = ServiceTally()
    tally.add(
        HandoverSummary(
            from: 1, to: 2, result: .completed,
            phases: HandoverTimes(start: 0.002, ready: 0.05, flip: 0.000_002, drain: 30, retire: 0))
    )
    tally.add(HandoverSummary(from: 2, to: 3, result: .rolledBack, phases: HandoverTimes()))
    tally.add(
        HandoverSummary(
            from: 3, to: 4, result: .passed, phases: HandoverTimes(), isDryRun: true))
    tally.addRestart()
    return ServiceStatus(
        name: "dns", pid: 7, version: "0.1.0", current: 4,
        listeners: [
            ListenerStatus(
                address: "udp://[::]:53", steering: "flow",
                counters: ListenerCounters(
                    datagrams: 100, pinned: 80, newFlows: 15, fallback: 1, evicted: 2,
                    unrecorded: 3, drops: 4), flows: 12, problems: ["a stranger"], isHarmed: true)
        ],
        generations: [
            GenerationStatus(
                id: 3, state: .draining, command: ["dnsd"], flows: 5,
                outside: OutsideStatus(connections: 1, connected: 2, ports: 3),
                workers: [
                    WorkerStatus(
                        index: 0, pid: 8, state: .ready, restarts: 0, sessions: 6,
                        cpuSeconds: 2.5, residentBytes: 4096)
                ], drainSecondsLeft: 12.5, drainSecondsLikely: 7.5),
            GenerationStatus(
                id: 4, state: .current, command: ["dnsd"], flows: 7,
                workers: [
                    WorkerStatus(
                        index: 0, pid: 9, state: .ready, restarts: 0, cpuSeconds: 0.25,
                        residentBytes: 8192),
                    WorkerStatus(index: 1, pid: nil, state: .restarting, restarts: 1),
                ],
                program: ProgramStatus(
                    path: "/usr/sbin/dnsd", since: 4, device: 1, inode: 2, size: 3,
                    modified: "2026-11-28T04:00:00.000Z", buildID: "abc123", script: false,
                    held: true, changed: "another file")),
        ],
        handover: HandoverStatus(from: 3, to: 4, phase: .drain, seconds: 17.5),
        lastHandover: HandoverSummary(
            from: 2, to: 3, result: .rolledBack, phases: HandoverTimes(), cutFlows: 2,
            cutOutside: OutsideStatus(connections: 1), drops: 9),
        changedSettings: ["Workers"],
        tables: [
            TableStatus(
                flows: 12, capacity: 65_536, bytes: 4_194_304, listeners: ["udp://[::]:53"])
        ], tally: tally,
        supervisor: SupervisorStatus(
            cpuSeconds: 1.25, residentBytes: 18_000_000, descriptors: 41, descriptorLimit: 65_536))
}()
