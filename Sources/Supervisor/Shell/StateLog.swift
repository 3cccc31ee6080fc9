import Kernel
import Record

/// The owner of the memory file in which the service's state outlives this supervisor.
///
/// What is written is decided by `RecordLog`; here it is carried out.
final class StateLog {
    let file: MemoryFile
    private var log: RecordLog
    /// Told when something could not be written: a crash now would lose state.
    var failed: (String) -> Void = { _ in }

    private init(_ file: consuming MemoryFile, _ log: RecordLog) {
        self.file = file
        self.log = log
    }

    /// A log without a record.
    static func new(_ versions: RecordVersions) throws(KernelError) -> StateLog {
        StateLog(
            try MemoryFile(named: "relevo-record"),
            RecordLog(versions: versions, salt: .random(in: 0 ... .max)))
    }

    /// Goes on in a predecessor's file.
    static func continuing(
        _ file: consuming MemoryFile, _ reading: RecordReading, _ versions: RecordVersions
    ) -> StateLog {
        StateLog(
            file,
            RecordLog(
                continuing: reading, parts: reading.parts, versions: versions,
                salt: .random(in: 0 ... .max)))
    }

    /// Reads the record in a file.
    static func read(
        _ file: borrowing MemoryFile, _ versions: RecordVersions
    ) throws -> RecordReading {
        let head = try file.read(upTo: RecordReading.headRange.count, at: 0)
        let place = try RecordReading.place(head: head)
        return try RecordReading(
            head: head, area: try file.read(upTo: place.count, at: place.lowerBound),
            understanding: versions.format)
    }

    /// Writes changes down: all of them or none.
    func append(_ changes: [RecordChange]) {
        do throws(RecordFull) {
            carryOut(try log.append(changes))
        } catch {
            failed("\(error)")
        }
    }

    /// Makes the log short, when there is nothing else to do.
    func tidy() {
        if log.isWorthCompacting { carryOut(log.compact()) }
    }

    private func carryOut(_ writes: [RecordWrite]) {
        for (index, write) in writes.enumerated() {
            do throws(KernelError) {
                switch write {
                case .bytes(let bytes, let offset): try file.write(bytes, at: offset)
                case .release: break
                }
            } catch {
                log.failed(at: index)
                failed("\(error)")
                return
            }
        }
    }
}
