import Kernel
import Synchronization

/// The way into systemd's journal that takes more than text.
package final class JournalSocket: Sendable {
    /// What became of an entry.
    package enum Outcome: Equatable, Sendable {
        case taken
        /// The journal is slow: the same entry goes later.
        case full
        /// There is no journal, or none that takes this.
        case refused
    }

    private struct Connection: ~Copyable {
        var sender: UnixDatagramSender?
    }

    private let address: UnixAddress
    private let connection = Mutex(Connection())

    /// The socket is connected when the first entry goes.
    package init(at path: String = "/run/systemd/journal/socket") { address = UnixAddress(path) }

    /// Sends one entry, without waiting.
    package func send(_ entry: JournalEntry) -> Outcome {
        let bytes = entry.encoded()
        return connection.withLock { connection in
            do throws(KernelError) {
                if connection.sender == nil {
                    connection.sender = try UnixDatagramSender(to: address)
                }
                return try connection.sender?.send(bytes) ?? false ? .taken : .full
            } catch {
                // A journal that was started anew is found by the next entry.
                connection.sender = nil
                return .refused
            }
        }
    }
}
