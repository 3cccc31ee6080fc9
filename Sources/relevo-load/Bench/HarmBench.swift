import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load bench harm`.
struct HarmBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "harm",
        abstract: "Floods a supervisor's sockets: it still answers, and restarts a killed worker.",
        discussion: """
            Three processes flood the output, the notify socket or the channel of each of two workers, \
            or the control socket, or the socket for workers that join; then five of all kinds do. \
            Meanwhile the status is asked for and a worker is killed, again and again.
            """)

    /// What is flooded, and by whom.
    enum Flood: String, CaseIterable, ExpressibleByArgument {
        case output, notify, strangers, channel, control, workers, all
    }

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("What is flooded, one after the other.", valueName: "what"))
    var floods = Flood.allCases

    @Option(help: ArgumentHelp("Times that the status is asked for in each flood.", valueName: "n"))
    var questions = 60

    @Option(help: ArgumentHelp("Workers that are killed in each flood.", valueName: "n"))
    var kills = 4

    @Option(
        help: ArgumentHelp(
            "Messages that wait at a notify socket, in this network namespace; 512 under systemd.",
            valueName: "n"))
    var queue: Int?

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard questions > 0, kills > 0, 1...65_536 ~= queue ?? 1 else {
            throw ValidationError("--questions, --kills and --queue are above 0")
        }
    }

    func run() throws {
        try LoadError.reported {
            if let queue {
                try writeFile("/proc/sys/net/unix/max_dgram_qlen", Array("\(queue)".utf8))
            }
            var report = BenchReport("harm: floods by three processes")
            for flood in floods { report.bars += try bars(flood) }
            try report.conclude(json: json)
        }
    }

    private func bars(_ flood: Flood) throws -> [Bar] {
        let service = try SupervisedService(
            options: ["--workers", "2", "--join-policy", "manual", "--ready", "alive:10ms"],
            log: "/dev/null",
            program: ["/bin/sh", "-c", try worker(flood)])
        let flooders = try outsiders(flood).map { try Flooding($0, service) }
        var answers: [Duration] = []
        var returns: [Duration] = []
        for round in 0..<kills {
            for _ in 0..<questions / kills { answers.append(try time { _ = try service.status() }) }
            returns.append(try killWorker(round % 2, of: service))
        }
        withExtendedLifetime(flooders) {}
        try service.stop()
        return [
            .figure(
                "\(flood.rawValue): status, median", answers.percentile(0.5).short,
                .number(answers.percentile(0.5).seconds)),
            .under(.milliseconds(200), "\(flood.rawValue): status, most", answers.percentile(1)),
            .under(
                .seconds(1), "\(flood.rawValue): killed worker back, most", returns.percentile(1)),
        ]
    }

    private func time(_ body: () throws -> Void) rethrows -> Duration {
        let start = MonotonicClock.now()
        try body()
        return MonotonicClock.now() - start
    }

    /// What a worker does besides waiting on its socket.
    private func worker(_ flood: Flood) throws -> String {
        let own = try readLink("/proc/self/exe")
        let speaker = "\(own) flooder channel &"
        let printer = "yes flood &"
        let all: [String] =
            switch flood {
            case .output: [printer, printer, printer]
            case .channel: [speaker, speaker, speaker]
            case .all: [printer, speaker]
            case .notify, .strangers, .control, .workers: []
            }
        return (all + ["read datagram <&3"]).joined(separator: " ")
    }

    /// Who floods from outside.
    private func outsiders(_ flood: Flood) -> [Flooding.Kind] {
        switch flood {
        case .output, .channel: []
        case .notify: [.notify, .notify, .notify]
        case .strangers: [.stranger, .stranger, .stranger]
        case .control: [.control, .control, .control]
        case .workers: [.workers, .workers, .workers]
        case .all: [.notify, .control, .workers]
        }
    }

    /// Kills a worker; how long it took until another one was ready in its place.
    private func killWorker(_ index: Int, of service: SupervisedService) throws -> Duration {
        func worker() throws -> WorkerStatus? {
            try service.status().generations.first?.workers.first { $0.index == index }
        }
        let deadline = MonotonicClock.now() + .seconds(30)
        while MonotonicClock.now() < deadline {
            guard let before = try worker(), before.state == .ready, let pid = before.pid else {
                continue
            }
            let start = MonotonicClock.now()
            _ = try ProcessHandle(opening: Int32(pid)).signal(SignalNumber.kill)
            while MonotonicClock.now() < deadline {
                guard let now = try worker(), now.pid != pid, now.state == .ready else { continue }
                return MonotonicClock.now() - start
            }
        }
        let workers = try service.status().generations.flatMap(\.workers)
        throw LoadError("worker \(index) does not come back: \(workers)")
    }
}

/// A process that floods a socket of a service, until this is gone.
private final class Flooding {
    enum Kind { case notify, stranger, control, workers }

    private let process: ChildProcess

    init(_ kind: Kind, _ service: SupervisedService) throws {
        let own = try readLink("/proc/self/exe")
        let folder = service.folder + "/bench"
        let arguments =
            switch kind {
            case .notify, .stranger: ["notify", folder + "/notify/1.0"]
            case .control: ["control", service.controlPath]
            case .workers: ["workers", folder + "/workers"]
            }
        var plan = SpawnPlan(
            executable: own, arguments: [own, "flooder"] + arguments,
            environment: Environment.strings())
        plan.deathSignal = SignalNumber.kill
        if kind == .stranger { plan.identity = ProcessIdentity(uid: 65534, gid: 65534) }
        process = try ChildProcess.spawn(plan)
    }

    deinit {
        _ = try? process.signal(SignalNumber.kill)
        _ = try? process.waitForExit()
    }
}
