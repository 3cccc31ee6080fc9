import ControlProtocol
import Kernel
import Logging

/// The owner of the file that `relevo logs` reads where no journal does: what the supervisor and the workers print.
///
/// It is two files, of which the older goes away when the newer is full. Threads write, one batch at a time, so that a
/// slow disk holds nothing up; what a full disk does not take is left out, counted and told.
final class LogFile {
    /// How long the end of a service waits for the disk.
    private static let longestWait = Duration.seconds(2)
    /// After a failure it is tried again no sooner.
    private static let pause = Duration.seconds(5)

    private let folder: String
    private let loop: EventLoop
    private let log: Logger
    private let bell: SharedDescriptor
    private var token: EventLoop.Token?
    private var writing: Errand<String?>?
    private var retry: EventLoop.Token?
    /// Lines that were left out since the last that was written; nil while all is well.
    private var missing: Int?

    /// Begins to collect what is printed; nil where a journal does, or where there is no place for it.
    init?(of name: String, in loop: EventLoop, _ log: Logger) {
        let folder = StateFolder.path(
            name: name, isRoot: ProcessIdentity.effectiveUser == 0,
            environment: { Environment.value(of: $0) })
        guard let folder, !StandardStream.error.isJournal else { return nil }
        self.folder = folder
        self.loop = loop
        self.log = log
        do throws(KernelError) {
            bell = SharedDescriptor(try LogTail.shared.open())
        } catch {
            log.warning("what is printed is not kept for relevo logs: \(error)")
            return nil
        }
        listen()
    }

    deinit {
        for token in [token, retry] { if let token { loop.remove(token) } }
        LogTail.shared.close()
    }

    /// Where it is.
    var path: String { LogPlace.path(in: folder) }

    private func write() {
        // It rings on until it is answered: while a batch is under way nobody listens.
        if let token { loop.remove(token) }
        token = nil
        _ = try? bell.read(upTo: 16)
        let (lines, left) = LogTail.shared.take()
        if left > 0 { missing = (missing ?? 0) + left }
        guard !lines.isEmpty else { return listen() }
        let folder = folder
        do throws(KernelError) {
            writing = try Errand(in: loop) {
                Self.add(lines, in: folder)
            } then: { [unowned self] fault in
                writing = nil
                ended(fault, lines.count { $0 == UInt8(ascii: "\n") })
            }
        } catch {
            ended("\(error)", lines.count { $0 == UInt8(ascii: "\n") })
        }
    }

    private func ended(_ fault: String?, _ count: Int) {
        guard let fault else {
            if let missing {
                self.missing = nil
                log.warning("\(missing) lines are missing in \(path)")
            }
            return listen()
        }
        if missing == nil {
            log.warning(
                "what is printed cannot be kept for relevo logs: \(fault); it is tried again")
        }
        missing = (missing ?? 0) + count
        retry = loop.schedule(at: MonotonicClock.now() + Self.pause) { [unowned self] in
            retry = nil
            listen()
        }
    }

    private func listen() {
        token = try? loop.register(bell) { [unowned self] _ in write() }
    }

    /// This process ends, or becomes another program: what is not written yet is, unless the disk takes too long.
    ///
    /// - Parameter waiting: whether the loop may be turned meanwhile.
    func finish(waiting: Bool = true) {
        var isLate = false
        if waiting {
            let limit = loop.schedule(at: MonotonicClock.now() + Self.longestWait) { isLate = true }
            while writing != nil, !isLate { try? loop.runOnce() }
            loop.remove(limit)
        }
        if isLate || writing != nil || retry != nil { return }
        let lines = LogTail.shared.take().lines
        if !lines.isEmpty { _ = Self.add(lines, in: folder) }
    }

    // MARK: By a thread

    private static func add(_ lines: [UInt8], in folder: String) -> String? {
        do throws(KernelError) {
            try makeFolders(folder, mode: 0o700)
            let path = LogPlace.path(in: folder)
            try StateFile.append(
                lines, to: path, atMost: LogPlace.mostBytes, older: LogPlace.older(path))
            return nil
        } catch {
            return "\(error)"
        }
    }
}
