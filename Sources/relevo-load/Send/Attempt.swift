import Kernel

/// One connection of a TCP load.
final class Attempt {
    let connection: StreamConnection
    let request: Request
    var record: FlowRecord
    var token: EventLoop.Token?
    private var hasAsked = false
    private var received: [UInt8] = []

    init(
        _ connection: consuming StreamConnection, _ record: FlowRecord, _ request: Request
    ) {
        self.connection = connection
        self.record = record
        self.request = request
    }

    /// What one step came to.
    enum Step {
        case waiting
        /// The question is out.
        case asked
        case answered(EchoAnswer)
        /// The other end has closed without an answer.
        case closed
    }

    /// Asks, or reads what there is of the answer.
    func advance() throws(KernelError) -> Step {
        if !hasAsked {
            let batch = DatagramBatch(capacity: 1, datagramSize: Header.size)
            request.write(to: batch, 0, size: Header.size)
            // 64 bytes into an empty send buffer go whole.
            guard try connection.write(batch[bytes: 0]) != nil else { return .waiting }
            hasAsked = true
            return .asked
        }
        guard let bytes = try connection.read(upTo: Header.size - received.count) else {
            return .waiting
        }
        received += bytes
        if received.count < Header.size { return bytes.isEmpty ? .closed : .waiting }
        let batch = DatagramBatch(capacity: 1, datagramSize: Header.size)
        batch[bytes: 0] = received
        guard let answer = EchoAnswer(batch, 0), answer.request == request else { return .closed }
        return .answered(answer)
    }
}
