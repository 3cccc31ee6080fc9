import HandoverCore
import Keeper
import Kernel
import Settings

/// The record of a predecessor whose service has not ended, seen to be one that can be gone on with.
struct FormerRecord {
    let record: Record
    /// What the predecessor was told.
    let settings: ServiceSettings

    /// Reads the record and judges it.
    ///
    /// - Returns: nil where the service has not begun, or has ended.
    /// - Throws: why it cannot be gone on with; a copy of it is left for whoever has to find out more.
    static func read(
        _ file: borrowing MemoryFile, _ remains: Remains, _ runtime: RuntimeDirectory
    ) throws(SupervisorError) -> FormerRecord? {
        do {
            let bytes: [UInt8]
            switch try RecordFile.read(file) {
            case .success(let found): bytes = found
            case .failure(.empty) where remains.workers.isEmpty: return nil
            case .failure(let fault): throw fault
            }
            do {
                return try FormerRecord(bytes)
            } catch {
                try? writeFile(runtime.refusedRecordPath, bytes, mode: 0o600)
                throw error
            }
        } catch {
            throw SupervisorError(
                "the record of the supervisor before cannot be taken over: \(error). Its workers "
                    + "serve on; a relevod that knows the record can take over (a copy is in "
                    + "\(runtime.refusedRecordPath))"
                    + (remains.keeper.map { ", kill \($0.pid) ends them" } ?? ""))
        }
    }

    private init?(_ bytes: [UInt8]) throws {
        record = try Record.decode(bytes)
        if case .ended = record.machine.service { return nil }
        settings = try ServiceSettings.parse(
            record.settings, file: "record", inheritsSockets: true)
        if let fault = record.fault(listenerCount: settings.listeners.count) {
            throw Record.Refusal(description: fault)
        }
    }
}
