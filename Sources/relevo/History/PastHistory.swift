import ControlProtocol
import HistoryWire
import Kernel
import ServiceCore

/// The history of a service whose supervisor does not run, as its file has it.
struct PastHistory {
    let path: String
    private let entries: [HistoryEntry]
    /// What of the file could not be read; nil where it is sound.
    let fault: String?

    /// Nil where there is no such file.
    init?(of name: String) throws(KernelError) {
        let folder = StateFolder.path(
            name: name, isRoot: ProcessIdentity.effectiveUser == 0,
            environment: { Environment.value(of: $0) })
        guard let folder else { return nil }
        path = "\(folder)/history"
        guard let bytes = try StateFile.read(path, atMost: HistoryFormat.mostBytes) else {
            return nil
        }
        (entries, fault) = HistoryFormat.read(bytes)
    }

    /// What a supervisor would answer, as it is read.
    func frame(_ number: Int?) -> [UInt8] {
        ControlReply.history(HistoryReply(entries, number)).frame().dropLast()
    }

    /// What a reader has to know of it.
    func note(_ name: String) -> String {
        let lost = fault.map { "; of that \(entries.count) handovers can be read: \($0)" } ?? ""
        return "no supervisor runs '\(name)': this is what \(path) has\(lost)"
    }
}
