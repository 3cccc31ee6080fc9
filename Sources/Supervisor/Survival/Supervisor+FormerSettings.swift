import Kernel

extension Supervisor {
    /// The settings that a predecessor ran with, out of the memory file with its record: for when
    /// those of now are bad, and its workers serve on.
    package static func settings(
        inRecord bytes: [UInt8]
    ) throws(SupervisorError) -> [UInt8] {
        do {
            let copy = try MemoryFile(named: "relevo-record")
            try copy.replaceContents(with: bytes)
            return Array(try Record.decode(RecordFile.read(copy).get()).settings.utf8)
        } catch {
            throw SupervisorError("the record of the supervisor before cannot be read: \(error)")
        }
    }
}
