import Foundation
package import Kernel

/// A local socket where a thread does the same with everybody who connects, one after the other.
package final class AnsweringSocket: Sendable {
    private let listener: UnixListener

    /// - Parameter answer: nobody else is taken before it is over, and then the connection ends.
    package init(
        at path: String, _ answer: @escaping @Sendable (borrowing UnixConnection) -> Void
    ) throws {
        // Who connects may leave in the middle of an answer.
        try ignoreSignal(SignalNumber.pipe)
        listener = try UnixListener(at: UnixAddress(path), kind: .stream)
        Thread.detachNewThread { [self] in
            while (try? listener.wait(for: .readable, within: .seconds(20))) == true {
                guard let client = (try? listener.accept()) ?? nil else { return }
                answer(client)
            }
        }
    }

    /// Waits for what is asked and gives this answer. What is left unread would be lost with the answer.
    package static func answer(_ bytes: [UInt8], _ client: borrowing UnixConnection) {
        _ = try? client.wait(for: .readable, within: .seconds(20))
        _ = try? client.read(upTo: 4096)
        try? client.writeAll(bytes)
    }
}
