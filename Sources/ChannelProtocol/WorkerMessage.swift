/// What a worker says over its channel.
package enum WorkerMessage: Equatable, Sendable {
    case hello(Hello)
    /// Of a joining worker with the numbers of those of its sockets that it does not read yet, in the
    /// order of WELCOME from 0 on, ascending.
    case ready(unread: [Int] = [])
    case failed(reason: String)
    case sessions(Int)
    case drained
    /// Keep the packet's descriptors under this name, in the place of what is there or after it.
    case store(name: String, adds: Bool)
    case forget(name: String)
    case fetch
    case pin(FlowName)
    case unpin(FlowName)
    case link(LinkTarget, worker: Int?, label: String?)
    case leave

    /// The first message.
    package struct Hello: Equatable, Sendable {
        /// The newest version that the worker speaks.
        package var version: Int
        package var wantsSockets: Bool
        /// Of a joining worker what makes one generation of several workers.
        package var group: String?
        package var workers: Int?
        package var command: String?

        package init(
            version: Int, wantsSockets: Bool = true, group: String? = nil, workers: Int? = nil,
            command: String? = nil
        ) {
            self.version = version
            self.wantsSockets = wantsSockets
            self.group = group
            self.workers = workers
            self.command = command
        }
    }

    /// Whether it says nothing without descriptors.
    package var takesDescriptors: Bool {
        switch self {
        case .store: true
        case .hello, .ready, .failed, .sessions, .drained, .forget, .fetch, .pin, .unpin, .link,
            .leave:
            false
        }
    }
}
