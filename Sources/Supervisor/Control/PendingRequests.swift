import ControlProtocol
import HandoverCore

/// The requests whose askers still wait.
struct PendingRequests {
    private var pending: [RequestID: PendingRequest] = [:]
    private(set) var lastNumber = 0

    mutating func add(_ request: PendingRequest) -> RequestID {
        lastNumber += 1
        let id = RequestID(lastNumber)
        pending[id] = request
        return id
    }

    /// Numbers of a predecessor's requests are not given again: its machine still answers them.
    mutating func goOn(after number: Int) { lastNumber = max(lastNumber, number) }

    subscript(id: RequestID) -> PendingRequest? {
        get { pending[id] }
        set { pending[id] = newValue }
    }

    /// Answers who did not want to wait, once the request was taken.
    mutating func release(_ id: RequestID) {
        guard let request = pending[id], request.wait == .none else { return }
        request.connection?.reply(
            .operation(OperationReply(generation: request.generation?.number)))
        pending[id]?.connection = nil
    }
}
