import HandoverCore
import Kernel
import ServiceCore

/// What programs have loaded besides the files that are held: shared libraries, and the interpreter of a script. Nobody
/// can hold them, so it is known at least whether a worker that is started again gets others.
///
/// Threads look into the workers, one at a time. What they cannot look into is not spoken of.
final class LoadedFiles {
    /// So many files of a program are known, the first that it has mapped.
    static let most = 128
    /// After so long it is looked again at a process for what it has loaded since.
    private static let pause = Duration.seconds(60)

    /// A process that may be looked at.
    struct Candidate: Sendable {
        let program: GenerationID
        let pid: Int32
        let isScript: Bool
    }

    /// What one process has loaded.
    struct Look: Hashable, Sendable {
        let pid: Int32
        /// As their names led to them when they were seen first.
        var facts: [String: FileFacts] = [:]
        /// Whose names led elsewhere by then.
        var gone: Set<String> = []
    }

    private let loop: EventLoop
    private var looks: [GenerationID: Look] = [:]
    private var lookedAt: [GenerationID: Duration] = [:]
    private var errand: Errand<Look?>?

    init(in loop: EventLoop) { self.loop = loop }

    /// Begins a look where one is due.
    ///
    /// - Parameter candidates: those that are likely to have been started first come first.
    func look(at candidates: [Candidate]) {
        guard errand == nil else { return }
        let now = MonotonicClock.now()
        for number in Set(candidates.map(\.program)).sorted() {
            let those = candidates.filter { $0.program == number }
            let known = looks[number].flatMap { look in those.first { $0.pid == look.pid } }
            if known != nil, let last = lookedAt[number], now - last < Self.pause { continue }
            guard let candidate = known ?? those.first else { continue }
            return begin(candidate, at: now)
        }
    }

    private func begin(_ candidate: Candidate, at now: Duration) {
        let number = candidate.program
        let before = looks[number].flatMap { $0.pid == candidate.pid ? $0 : nil }
        lookedAt[number] = now
        // Where no thread can be had, the next look is as good.
        errand = try? Errand(in: loop) {
            Self.look(at: candidate, after: before)
        } then: { [unowned self] look in
            errand = nil
            // Its program may have been forgotten meanwhile.
            if let look, lookedAt[number] != nil { looks[number] = look }
        }
    }

    /// nil where the process cannot be looked into.
    static func look(at candidate: Candidate, after before: Look? = nil) -> Look? {
        guard let maps = try? ProcessView.text("maps", of: candidate.pid), !maps.isEmpty else {
            return nil
        }
        var look = before ?? Look(pid: candidate.pid)
        let interpreter =
            candidate.isScript
            ? (try? ProcessView.link("exe", of: candidate.pid)).map {
                ReplacedLibraries.Mapped($0.utf8).path
            } : nil
        for file in ReplacedLibraries.files(in: maps, besides: interpreter, atMost: most) {
            if file.isGone {
                look.gone.insert(file.path)
            } else if look.facts[file.path] == nil, look.facts.count < most {
                look.facts[file.path] = HeldPrograms.facts(file.path)
            }
        }
        return look
    }

    func forget(_ number: GenerationID) {
        looks[number] = nil
        lookedAt[number] = nil
    }

    /// Who was looked at.
    func process(of number: GenerationID) -> Int32? { looks[number]?.pid }

    /// Those that are other files by now, or gone; nil where that is not known.
    func replaced(of number: GenerationID) -> [String]? {
        looks[number]?.replaced { HeldPrograms.facts($0) }
    }
}

extension LoadedFiles {
    /// Of several workers the one that was started again least often has the oldest files.
    static func candidates(of service: Service) -> [Candidate] {
        service.machine.generations.flatMap { generation -> [Candidate] in
            guard let number = generation.launch.program, let program = service.programs[number]
            else { return [] }
            return generation.workers.filter(\.isReady).sorted { $0.restarts < $1.restarts }
                .compactMap { worker in
                    let id = WorkerID(generation.id, worker.index)
                    guard let pid = service.workers[id]?.pid, pid > 0 else { return nil }
                    return Candidate(program: number, pid: pid, isScript: program.isScript)
                }
        }
    }
}

extension LoadedFiles.Look {
    /// - Parameter now: what a path leads to now; nil for nothing.
    func replaced(_ now: (String) -> FileFacts?) -> [String] {
        gone.union(facts.filter { now($0.key) != $0.value }.keys).sorted()
    }
}
