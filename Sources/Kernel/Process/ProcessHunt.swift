import SystemPackage
import Glibc

/// Ends all processes that match, whoever their parent is: one whose parent has ended gets another parent,
/// which need not be this process.
///
/// There may be thousands to look at, so it is done some at a time, between which others have their turn.
/// Nothing may be started meanwhile that matches and is to stay.
package final class ProcessHunt {
    /// Bytes of entries of /proc that are read in one go: some 80 processes.
    private static let batch = 2048

    private let folder: OwnedDescriptor?
    private let loop: EventLoop
    private let isKnown: (Int32) -> Bool
    private let isWanted: (Int32) -> Bool
    private let ended: () -> Void
    private var token: EventLoop.Token?

    /// - Parameters:
    ///   - isKnown: whether a process is to be left alone.
    ///   - isWanted: whether a process matches. It may be gone by then, or run another program.
    ///   - ended: all have been looked at; called from the loop, unless this is let go of before.
    package init(
        in loop: EventLoop, besides isKnown: @escaping (Int32) -> Bool,
        where isWanted: @escaping (Int32) -> Bool, ended: @escaping () -> Void = {}
    ) {
        folder = try? openFile("/proc", O_RDONLY | O_DIRECTORY)
        self.loop = loop
        self.isKnown = isKnown
        self.isWanted = isWanted
        self.ended = ended
        comeBack()
    }

    /// For those whose environment has one of these entries, which name something in a folder.
    package convenience init(
        with entries: Set<[UInt8]>, of folder: KnownFolder, in loop: EventLoop,
        besides isKnown: @escaping (Int32) -> Bool, ended: @escaping () -> Void = {}
    ) {
        self.init(
            in: loop, besides: isKnown, where: { Self.has(entries, of: folder, $0) }, ended: ended)
    }

    deinit { if let token { loop.remove(token) } }

    /// Whether a process has one of these entries in its environment, and means this folder by it.
    package static func has(
        _ entries: Set<[UInt8]>, of folder: KnownFolder, _ process: Int32
    ) -> Bool {
        ProcessView.environment(of: process).contains { entries.contains(Array($0)) }
            && folder.isMeant(by: process)
    }

    /// Looks at all that are left, for this process ends or becomes another program; `ended` is not called.
    package func finish() {
        if let token = token.take() { loop.remove(token) }
        while lookAtSome() {}
    }

    private func comeBack() {
        token = loop.schedule(at: MonotonicClock.now()) { [unowned self] in
            token = nil
            if lookAtSome() { comeBack() } else { ended() }
        }
    }

    /// - Returns: whether there are more.
    private func lookAtSome() -> Bool {
        let names = nextOnes()
        for name in names {
            guard let pid = Int32(name), pid != ProcessView.own, !isKnown(pid),
                // Held first: what is looked at is what is ended.
                let process = try? ProcessHandle(opening: pid), isWanted(pid)
            else { continue }
            _ = try? process.signal(SignalNumber.kill)
        }
        return !names.isEmpty
    }

    private func nextOnes() -> [String] {
        switch folder {
        case .some(let folder): (try? nextNames(in: folder, atMost: Self.batch)) ?? []
        case nil: []
        }
    }
}
