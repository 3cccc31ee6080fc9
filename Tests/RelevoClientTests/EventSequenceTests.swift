import Kernel
import TestKit
import Testing

@testable import RelevoClient

/// With the process's own descriptors: the threads that watch them are not the test's.
@Suite struct EventSequenceTests {
    @Test func eventsCanBeAwaited() async throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        try supervisor.say("DRAIN")
        var events = worker.events.makeAsyncIterator()
        guard case .drain(nil) = await events.next() else {
            Issue.record("no drain")
            return
        }
        try supervisor.say("RESUME")
        guard case .resume = await events.next() else {
            Issue.record("no end of the drain")
            return
        }
        _ = consume supervisor
        guard case .ended = await events.next() else {
            Issue.record("no end")
            return
        }
        #expect(await events.next() == nil)
    }
}
