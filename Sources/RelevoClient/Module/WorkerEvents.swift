/// The supervisor's events for `for await`; ends after `ended`. Each sequence takes what it
/// yields from the others: have one.
public struct WorkerEvents: AsyncSequence, Sendable {
    /// What it yields.
    public typealias Element = WorkerEvent

    let worker: RelevoWorker

    /// Starts to watch.
    public func makeAsyncIterator() -> AsyncStream<WorkerEvent>.Iterator {
        let (stream, events) = AsyncStream.makeStream(of: WorkerEvent.self)
        let watch = EventWatch(worker, into: events)
        events.onTermination = { _ in watch.stop() }
        watch.start()
        return stream.makeAsyncIterator()
    }
}

extension RelevoWorker {
    /// What the supervisor says, one after the other.
    public var events: WorkerEvents { WorkerEvents(worker: self) }
}
