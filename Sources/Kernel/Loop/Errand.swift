import Glibc
import Synchronization

/// Something that blocks, done by a thread of its own: its end is an event of the loop.
///
/// It cannot be called off. One that is let go of is not told of any more.
package final class Errand<Answer: Sendable> {
    private let loop: EventLoop
    private let end: OwnedDescriptor
    private var token: EventLoop.Token?

    /// - Parameters:
    ///   - work: what blocks; it shares nothing with the loop's thread.
    ///   - then: takes the answer, from the loop.
    package init(
        in loop: EventLoop, _ work: @escaping @Sendable () -> Answer,
        then: @escaping (Answer) -> Void
    ) throws(KernelError) {
        self.loop = loop
        var pipe = try Pipe()
        end = pipe.takeReader()
        let found = Found<Answer>()
        // The pipe is closed once the answer is there, before what `work` holds is let go of, or if the thread
        // cannot begin.
        let job = Job(SharedDescriptor(pipe.takeWriter())) {
            found.answer.withLock { $0 = work() }
        }
        token = try loop.register(end) { [unowned self] _ in
            stop()
            if let answer = found.answer.withLock({ $0 }) { then(answer) }
        }
        do throws(KernelError) {
            try job.start()
        } catch {
            stop()
            throw error
        }
    }

    deinit { stop() }

    private func stop() {
        if let token { loop.remove(token) }
        token = nil
    }
}

private final class Found<Answer: Sendable>: Sendable {
    let answer = Mutex<Answer?>(nil)
}

private final class Job: Sendable {
    private let work: @Sendable () -> Void
    private let writer: Mutex<SharedDescriptor?>

    init(_ writer: SharedDescriptor, _ work: @escaping @Sendable () -> Void) {
        self.writer = Mutex(writer)
        self.work = work
    }

    func start() throws(KernelError) {
        var thread = pthread_t()
        let held = unsafe Unmanaged.passRetained(self)
        let result = unsafe pthread_create(
            &thread, nil,
            { raw in
                guard let raw = unsafe raw else { return nil }
                let job = unsafe Unmanaged<Job>.fromOpaque(raw).takeRetainedValue()
                job.work()
                job.writer.withLock { $0 = nil }
                return nil
            }, held.toOpaque())
        guard result == 0 else {
            unsafe held.release()
            throw KernelError("pthread_create", number: result)
        }
        pthread_detach(thread)
    }
}
