internal import Dispatch

/// What moves events from the descriptor into a stream. A source may be used from every thread
/// (dispatch_source_create(3)), which Dispatch on Linux does not say in its types.
final class EventWatch: @unchecked Sendable {
    private let source: any DispatchSourceRead

    init(_ worker: RelevoWorker, into events: AsyncStream<WorkerEvent>.Continuation) {
        source = DispatchSource.makeReadSource(
            fileDescriptor: worker.eventDescriptor, queue: .global())
        source.setEventHandler {
            do {
                while let event = try worker.nextEvent() {
                    events.yield(event)
                    if case .ended = event { events.finish() }
                }
            } catch {
                events.finish()
            }
        }
        // The worker, and with it the descriptor, lives as long as somebody watches it.
        source.setCancelHandler { withExtendedLifetime(worker) {} }
    }

    func start() { source.activate() }

    func stop() { source.cancel() }
}
