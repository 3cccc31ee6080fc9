import HandoverCore
import Testing

@testable import ServiceCore

@Suite struct KeptNameTests {
    @Test(arguments: [
        KeptName.state, .program(GenerationID(7)), .steering(listener: 0, part: "program"),
        .slot(SlotID(listener: 12, number: 511)),
        .worker(WorkerID(GenerationID(7), 3), .out), .worker(WorkerID(GenerationID(1), 0), .notify),
        .worker(WorkerID(GenerationID(1), 0), .channel), .stored(7),
    ])
    func isReadAsItIsWritten(name: KeptName) {
        #expect(KeptName(name.description) == name)
    }

    @Test(arguments: [
        "", "state.1", "slot.1", "slot.-1.2", "slot.01.2", "slot.1.2.3", "slot.x.1", "listener.0.",
        "worker.1.2", "worker.1.2.in", "worker.1.99999999999999999999.out", "other", "slot..",
        "worker.1.2.out.err", ".", "slot.+1.2", "stored", "stored.", "stored.1.2", "stored.x",
    ])
    func anythingElseIsNotKnown(text: String) {
        #expect(KeptName(text) == nil)
    }
}
