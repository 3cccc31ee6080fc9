import Foundation
import Kernel
import Synchronization

/// A thread of its own that runs the jobs of one test, separated from the rest of the process.
final class IsolatedThread: TaskExecutor, @unchecked Sendable {
    private let jobs = NSCondition()
    private var waiting: [UnownedJob] = []
    private var isStopped = false
    private var failure: KernelError?
    private var isReady = false

    /// Starts the thread and waits until it is separated.
    init(_ isolation: Isolation) throws(KernelError) {
        let thread = Thread { [self] in
            do throws(KernelError) {
                try isolation.enter()
                ready(nil)
            } catch {
                ready(error)
                return
            }
            while let job = next() { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
        thread.start()
        jobs.lock()
        while !isReady { jobs.wait() }
        jobs.unlock()
        if let failure { throw failure }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.lock()
        precondition(!isStopped, "a test left work behind")
        waiting.append(job)
        jobs.signal()
        jobs.unlock()
    }

    /// Ends the thread once it has nothing to do.
    func stop() {
        jobs.lock()
        isStopped = true
        jobs.signal()
        jobs.unlock()
    }

    private func ready(_ error: KernelError?) {
        jobs.lock()
        failure = error
        isReady = true
        jobs.signal()
        jobs.unlock()
    }

    private func next() -> UnownedJob? {
        jobs.lock()
        defer { jobs.unlock() }
        while waiting.isEmpty && !isStopped { jobs.wait() }
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }
}
