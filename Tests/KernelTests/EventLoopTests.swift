import Glibc
import Kernel
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct EventLoopTests {
    /// A pipe with a byte in it, and how often its handler was called.
    private final class Source {
        let reader: OwnedDescriptor
        let writer: OwnedDescriptor
        var token: EventLoop.Token?
        var calls = 0

        init() throws {
            var pipe = try Pipe(nonBlockingReader: true)
            reader = pipe.takeReader()
            writer = pipe.takeWriter()
            try writer.writeAll([1])
        }
    }

    @Test func aRegistrationRemovedInTheSameBatchIsNotCalled() throws {
        let loop = try EventLoop()
        let sources = [try Source(), try Source(), try Source()]
        for source in sources {
            source.token = try loop.register(source.reader) { _ in
                source.calls += 1
                for other in sources { if let token = other.token { loop.remove(token) } }
            }
        }
        try loop.runOnce()
        #expect(sources.map(\.calls).reduce(0, +) == 1)
        for source in sources { source.token = nil }
    }

    @Test func aDescriptorNumberUsedAgainInTheSameBatchIsNotMistakenForTheOldOne() throws {
        let loop = try EventLoop()
        var closed = 0
        var fresh: [Source] = []
        var freshCalls = 0
        var old: [Source] = [try Source(), try Source()]
        let tokens = try old.map { source in
            try loop.register(source.reader) { _ in closed += 1 }
        }
        let trigger = try Source()
        var triggerToken: EventLoop.Token?
        triggerToken = try loop.register(trigger.writer, for: .writable) { _ in
            for token in tokens { loop.remove(token) }
            if let triggerToken { loop.remove(triggerToken) }
            old = []
            do {
                fresh = [try Source(), try Source()]
                for source in fresh {
                    source.token = try loop.register(source.reader) { _ in freshCalls += 1 }
                }
            } catch {
                Issue.record(error)
            }
        }
        try loop.runOnce()
        let callsInFirstBatch = freshCalls
        try loop.runOnce()
        #expect(callsInFirstBatch == 0)
        #expect(freshCalls == 2)
        for source in fresh { if let token = source.token { loop.remove(token) } }
    }

    @Test func whatIsAlwaysReadyKeepsNeitherOthersNorDeadlinesFromTheirTurn() throws {
        let loop = try EventLoop()
        var writers: [SharedDescriptor] = []
        var readers: [SharedDescriptor] = []
        var turns = [Int](repeating: 0, count: 200)
        // More than are told at once.
        for index in 0..<200 {
            var pipe = try Pipe()
            writers.append(SharedDescriptor(pipe.takeWriter()))
            readers.append(SharedDescriptor(pipe.takeReader()))
            _ = try writers[index].write([1])
            _ = try loop.register(readers[index]) { _ in turns[index] += 1 }
        }
        var isDue = false
        _ = loop.schedule(at: MonotonicClock.now()) { isDue = true }
        try loop.runOnce()
        #expect(isDue)
        for _ in 0..<7 { try loop.runOnce() }
        #expect(turns.allSatisfy { $0 >= 2 }, "\(turns)")
    }

    @Test func deadlinesCallInTheirOrder() throws {
        let loop = try EventLoop()
        var order: [Int] = []
        let now = MonotonicClock.now()
        _ = loop.schedule(at: now + .milliseconds(20)) {
            order.append(3)
            loop.stop()
        }
        _ = loop.schedule(at: now + .milliseconds(10)) { order.append(1) }
        _ = loop.schedule(at: now + .milliseconds(10)) { order.append(2) }
        let cancelled = loop.schedule(at: now + .milliseconds(5)) { order.append(99) }
        _ = loop.schedule(at: now - .seconds(1)) { order.append(0) }
        loop.remove(cancelled)
        try loop.run()
        #expect(order == [0, 1, 2, 3])
        #expect(MonotonicClock.now() - now >= .milliseconds(20))
    }

    @Test func anEarlierDeadlineSetInAHandlerIsKept() throws {
        let loop = try EventLoop()
        let late = loop.schedule(at: MonotonicClock.now() + .seconds(3600)) {
            Issue.record("an hour has not passed")
        }
        _ = loop.schedule(at: MonotonicClock.now()) {
            _ = loop.schedule(at: MonotonicClock.now() + .milliseconds(1)) { loop.stop() }
        }
        try loop.run()
        loop.remove(late)
    }

    @Test func interestsChangeWhileRegistered() throws {
        let loop = try EventLoop()
        var pair = try UnixConnectionPair(kind: .stream)
        let mine = pair.takeFirst()
        let theirs = pair.takeSecond()
        var seen: [Readiness] = []
        let token = try loop.register(mine, for: []) { readiness in
            seen.append(readiness)
            loop.stop()
        }
        try theirs.writeAll([1])
        _ = loop.schedule(at: MonotonicClock.now()) { loop.stop() }
        try loop.run()
        #expect(seen.isEmpty)
        try loop.change(token, to: .writable)
        try loop.run()
        try loop.change(token, to: [.readable, .writable])
        try loop.run()
        #expect(seen == [.writable, [.readable, .writable]])
        _ = consume theirs
        try loop.change(token, to: [])
        try loop.run()
        #expect(seen.last?.contains(.hungUp) == true)
        loop.remove(token)
        try loop.change(token, to: .readable)
    }

    @Test func aTimerLongPastFiresAtOnceAndADisarmedOneNever() throws {
        let timer = try TimerDescriptor()
        #expect(try !timer.acknowledge())
        try timer.set(to: .zero)
        #expect(try timer.wait(for: .readable, within: .seconds(5)))
        #expect(try timer.acknowledge())
        #expect(try !timer.isReadable())
        try timer.set(to: .seconds(-5))
        #expect(try timer.wait(for: .readable, within: .seconds(5)))
        try timer.set(to: nil)
        #expect(try !timer.isReadable())
    }

    @Test func aSignalIsReadInsteadOfInterrupting() throws {
        let signals = try SignalDescriptor(for: [SIGUSR1, SIGUSR2])
        #expect(try signals.next() == nil)
        pthread_kill(pthread_self(), SIGUSR2)
        #expect(try signals.wait(for: .readable, within: .seconds(5)))
        let received = try signals.next()
        #expect(received?.signal == SIGUSR2)
        #expect(received?.pid == ProcessIdentity.processID)
        #expect(try signals.next() == nil)
    }

    @Test(.enabled(if: canPlanFaults, "needs a debug build"))
    func aFailureAtAnyCallLeavesNothingOpen() throws {
        let calls = try sweepFailures(with: .noMemory) {
            let loop = try EventLoop()
            let timer = try TimerDescriptor()
            let token = try loop.register(timer) { _ in loop.stop() }
            defer { loop.remove(token) }
            try timer.set(to: .zero)
            try loop.run()
        }
        #expect(calls >= 7)
    }
}
