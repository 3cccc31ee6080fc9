import ArgumentParser
import Kernel
import Record

/// `relevo-load bench record`.
struct RecordBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "What it costs to record one change, with few and with many parts on record.",
        discussion: """
            The log is written to a memory file as the supervisor does it. Each figure is the \
            median of 200 rounds; the memory file's system calls are part of it.
            """)

    /// One change with this many times as many parts must not cost more than twice as much.
    private static let counts = [1, 64, 256, 512]

    @Flag(help: "Print figures as JSON.")
    var json = false

    func run() throws {
        try LoadError.reported {
            var report = BenchReport("record: one part changed, of so many")
            let worker = RecordedWorker()
            let bytes = try RecordValue.bytes(of: worker)
            report.bars = [
                .under(
                    .microseconds(3), "a worker as bytes, \(bytes.count) of them",
                    try Self.median { _ = try RecordValue.bytes(of: worker) }),
                .under(
                    .microseconds(10), "a worker read from bytes",
                    try Self.median { _ = try RecordValue.read(RecordedWorker.self, from: bytes) }),
            ]
            var first: Duration?
            for count in Self.counts {
                let times = try RecordTimes(parts: count, of: bytes)
                let limit = (first ?? times.append) * 2
                first = first ?? times.append
                report.bars += [
                    .under(limit, "one change of \(count) parts", times.append),
                    Self.figure("no change of \(count) parts", times.unchanged),
                    Self.figure("a snapshot of \(count) parts", times.snapshot),
                    Self.figure("reading \(count) parts", times.reading),
                ]
            }
            try report.conclude(json: json)
        }
    }

    private static func figure(_ name: String, _ time: Duration) -> Bar {
        .figure(name, time.short, .number(time.seconds))
    }

    /// The middle of rounds that are long enough to be measured.
    static func median(_ repetitions: Int = 50, _ body: () throws -> Void) rethrows -> Duration {
        var times: [Duration] = []
        for _ in 0..<200 {
            let start = MonotonicClock.now()
            for _ in 0..<repetitions { try body() }
            times.append((MonotonicClock.now() - start) / repetitions)
        }
        return times.percentile(0.5)
    }
}

/// A part as large as those of which there are many.
struct RecordedWorker: Codable {
    var index = 17
    var pid: Int32 = 123_456
    var startedAt = Duration.nanoseconds(123_456_789_012)
    var isDraining = false
    var speaksNotify = true
    var saidReady = true
    var statusText: String? = "serving 1234 sessions"
    var channelVersion: Int? = 1
    var isJoined: Bool?
}
