import ControlProtocol
import Kernel
import ServiceCore

/// The owner of the file with the history: read and written by threads, one at a time, so that a slow disk holds
/// nothing up.
final class HistoryFile {
    /// How long the end of a service waits for the disk.
    private static let longestWait = Duration.seconds(2)

    /// Where it is; nil where there is no place for it.
    private let folder: String?
    private let loop: EventLoop
    private var reading: Errand<Found>?
    private var writing: Errand<String?>?
    /// What was there, until it is written over.
    private var found: Found?

    private struct Found: Sendable {
        var entries: [HistoryEntry] = []
        var fault: String?
    }

    init(of name: String, in loop: EventLoop) {
        folder = StateFolder.path(
            name: name, isRoot: ProcessIdentity.effectiveUser == 0,
            environment: { Environment.value(of: $0) })
        self.loop = loop
    }

    private static let nowhere =
        "there is no place for it (STATE_DIRECTORY, XDG_STATE_HOME and HOME are not set): it ends with the "
        + "service"

    /// Reads what is there.
    func read(_ then: @escaping ([HistoryEntry], String?) -> Void) {
        guard let folder else { return then([], nil) }
        do throws(KernelError) {
            reading = try Errand(in: loop) {
                Self.find(in: folder)
            } then: { [unowned self] found in
                reading = nil
                self.found = found
                then(found.entries, found.fault)
            }
        } catch {
            then([], "\(error)")
        }
    }

    /// Puts these handovers in the place of what is there.
    func write(_ entries: [HistoryEntry], _ then: @escaping (String?) -> Void) {
        guard let folder else { return then(Self.nowhere) }
        found = nil
        do throws(KernelError) {
            writing = try Errand(in: loop) {
                Self.put(entries, in: folder)
            } then: { [unowned self] fault in
                writing = nil
                then(fault)
            }
        } catch {
            then("\(error)")
        }
    }

    /// The service has ended: what is not written yet is, unless the disk takes too long.
    func finish(_ history: History) {
        guard folder != nil, !history.isRead || !history.isWritten else { return }
        var history = history
        var isLate = false
        _ = loop.schedule(at: MonotonicClock.now() + Self.longestWait) { isLate = true }
        // One that is under way has what was so before.
        while reading != nil || writing != nil, !isLate { try? loop.runOnce() }
        if isLate { return }
        if !history.isRead {
            // It ended before it was told what there is.
            guard let found else { return }
            history.read(found.entries, isDamaged: found.fault != nil)
        }
        write(history.entries) { _ in }
        while writing != nil, !isLate { try? loop.runOnce() }
    }

    // MARK: By a thread

    private static func path(in folder: String) -> String { "\(folder)/history" }

    private static func find(in folder: String) -> Found {
        let path = path(in: folder)
        var found = Found()
        do throws(KernelError) {
            guard let bytes = try StateFile.read(path, atMost: HistoryFormat.mostBytes) else {
                return found
            }
            (found.entries, found.fault) = HistoryFormat.read(bytes)
        } catch {
            found.fault = "\(error)"
        }
        guard let fault = found.fault else { return found }
        found.fault = "\(path): \(fault)"
        do throws(KernelError) {
            try renameFile(path, to: path + ".refused")
            found.fault? += "; it was set aside as \(path).refused"
        } catch {
            found.fault? += "; it cannot be set aside: \(error)"
        }
        if !found.entries.isEmpty {
            found.fault? += ", and \(found.entries.count) handovers are read"
        }
        return found
    }

    private static func put(_ entries: [HistoryEntry], in folder: String) -> String? {
        do throws(KernelError) {
            try makeFolders(folder, mode: 0o700)
            try StateFile.replace(path(in: folder), with: HistoryFormat.bytes(of: entries))
            return nil
        } catch {
            let remedy =
                " (StateDirectory=relevo/NAME of the unit, or STATE_DIRECTORY, names a folder)"
            return "\(error)\(error.isReadOnly || error.isPermissionDenied ? remedy : "")"
        }
    }
}
