import Kernel
import TestKit
import Testing

/// What blocks is done beside the loop, and its end is an event of it.
@Suite(.leavesNoDescriptors) struct ErrandTests {
    @Test func theLoopGoesOnMeanwhile() throws {
        let loop = try EventLoop()
        var gate = try Pipe()
        let reader = SharedDescriptor(gate.takeReader())
        let writer = gate.takeWriter()
        var answer: Int?
        let errand = try Errand(in: loop) {
            (try? reader.wait(for: .readable, within: .seconds(60))) == true ? 7 : 0
        } then: {
            answer = $0
            loop.stop()
        }
        // It waits for what the loop does.
        _ = loop.schedule(at: .zero) { try? writer.writeAll([1]) }
        try loop.run()
        #expect(answer == 7)
        withExtendedLifetime(errand) {}
    }

    @Test func oneThatIsLetGoOfIsNotToldOf() throws {
        let loop = try EventLoop()
        var gate = try Pipe()
        let reader = SharedDescriptor(gate.takeReader())
        let writer = gate.takeWriter()
        var isTold = false
        var errand: Errand<Bool>? = try Errand(in: loop) {
            (try? reader.wait(for: .readable, within: .seconds(60))) ?? false
        } then: { _ in
            isTold = true
        }
        errand = nil
        try writer.writeAll([1])
        // A later one has its end after that.
        let second = try Errand(in: loop, { true }, then: { _ in loop.stop() })
        try loop.run()
        #expect(!isTold)
        withExtendedLifetime((errand, second)) {}
    }
}
