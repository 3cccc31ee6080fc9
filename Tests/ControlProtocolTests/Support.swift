import ControlProtocol

/// The one frame in `bytes`, without its NUL.
func onlyFrame(_ bytes: [UInt8]) throws -> [UInt8] {
    var splitter = FrameSplitter()
    splitter.append(bytes)
    guard let frame = try splitter.next(), !splitter.isMidFrame else { throw FrameError.tooLong }
    return frame
}

func text(_ frame: [UInt8]) -> String { String(decoding: frame, as: UTF8.self) }

func decode(_ json: String) throws(ControlFault) -> ControlCall {
    try ControlCall.decode(Array(json.utf8))
}

/// What a call is refused with, nil if it is not.
func fault(_ json: String) -> ControlFault? {
    do throws(ControlFault) {
        _ = try decode(json)
        return nil
    } catch {
        return error
    }
}

let sampleStatus = ServiceStatus(
    name: "echo", pid: 7, version: "0.1.0", current: 2,
    listeners: [
        ListenerStatus(
            address: "udp://127.0.0.1:4433", steering: "flow",
            counters: ListenerCounters(datagrams: 10, pinned: 8, newFlows: 2))
    ],
    generations: [
        GenerationStatus(
            id: 1, state: .draining, command: ["/bin/echo", "a b"], flows: 12,
            outside: OutsideStatus(connections: 3, connected: 2, ports: 1),
            workers: [
                WorkerStatus(
                    index: 0, pid: 8, state: .ready, restarts: 0, cpuSeconds: 1.5,
                    residentBytes: 4096)
            ],
            origin: OriginStatus(at: "2026-11-28T04:00:00.000Z", uid: 1000, message: "fix"),
            program: ProgramStatus(
                path: "/bin/echo", since: 1, device: 8, inode: 9, size: 10,
                modified: "2026-11-27T04:00:00.000Z", buildID: "ab", script: false, held: true))
    ],
    lastHandover: HandoverSummary(
        from: 1, to: 2, result: .completed,
        phases: HandoverTimes(start: 0, ready: 0.25, flip: 0.25, drain: 1.5, retire: 2)),
    tables: [
        TableStatus(
            flows: 12, capacity: 1_048_576, bytes: 33_554_432,
            listeners: ["udp://127.0.0.1:4433"])
    ], tally: ServiceTally(),
    supervisor: SupervisorStatus(
        cpuSeconds: 0.5, residentBytes: 18_000_000, descriptors: 40, descriptorLimit: 65_536))
