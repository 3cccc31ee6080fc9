import Kernel
import TestKit
import Testing

/// What blocks is done beside the loop, and its end is an event of it.
@Suite(.leavesNoDescriptors) struct ErrandTests {
    @Test func theLoopGoesOnMeanwhile() throws {
        let loop = try EventLoop()
        var gate = try UnixConnectionPair(kind: .stream)
        let near = SharedDescriptor(gate.takeSecond().intoDescriptor())
        var answer: Bool?
        let errand = try Self.waiting(at: gate.takeFirst().intoDescriptor(), in: loop) {
            answer = $0
            loop.stop()
        }
        // It waits for what the loop does.
        _ = loop.schedule(at: .zero) { try? near.writeAll([1]) }
        try loop.run()
        #expect(answer == true)
        // Once told, the thread lets go of what it has: the far end is closed with it.
        try #require(try near.wait(for: .readable, within: .seconds(60)))
        withExtendedLifetime(errand) {}
    }

    @Test func oneThatIsLetGoOfIsNotToldOf() throws {
        let loop = try EventLoop()
        var gate = try UnixConnectionPair(kind: .stream)
        let near = gate.takeSecond().intoDescriptor()
        var isTold = false
        var errand: Errand<Bool>? = try Self.waiting(
            at: gate.takeFirst().intoDescriptor(), in: loop
        ) { _ in
            isTold = true
        }
        errand = nil
        try near.writeAll([1])
        try #require(try near.wait(for: .readable, within: .seconds(60)))
        // Whatever the first has to say is said before.
        let second = try Errand(in: loop, { true }, then: { _ in loop.stop() })
        try loop.run()
        #expect(!isTold)
        withExtendedLifetime((errand, second)) {}
    }

    /// One that has a descriptor, and waits until it can be read.
    private static func waiting(
        at end: consuming OwnedDescriptor, in loop: EventLoop, then: @escaping (Bool) -> Void
    ) throws -> Errand<Bool> {
        let held = SharedDescriptor(end)
        return try Errand(in: loop) {
            (try? held.wait(for: .readable, within: .seconds(60))) ?? false
        } then: {
            then($0)
        }
    }
}
