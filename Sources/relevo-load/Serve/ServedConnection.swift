import Kernel

/// One TCP connection that asks once and is answered once.
final class ServedConnection {
    let connection: StreamConnection
    private(set) var received: [UInt8] = []
    var token: EventLoop.Token?

    init(_ connection: consuming StreamConnection) { self.connection = connection }

    /// What one look at the connection came to.
    enum Progress { case waiting, complete, closed }

    /// Reads what has come.
    func read() -> Progress {
        do throws(KernelError) {
            guard let bytes = try connection.read(upTo: Header.size - received.count) else {
                return .waiting
            }
            received += bytes
            if received.count == Header.size { return .complete }
            return bytes.isEmpty ? .closed : .waiting
        } catch {
            return .closed
        }
    }
}
