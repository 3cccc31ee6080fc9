import HandoverCore
import ServiceCore
import Testing

@Suite struct ServerIDTests {
    @Test(arguments: 2...8)
    func noTwoWorkersOfNeighbouringGenerationsHaveTheSame(length: Int) {
        var seen: Set<[UInt8]> = []
        for generation in 1...127 {
            for worker in [0, 1, 2, 63, 511] {
                let id = ServerID(of: WorkerID(GenerationID(generation), worker), length: length)
                #expect(id.bytes.count == length && id.bytes.contains { $0 != 0 })
                #expect(id.text.count == 2 * length)
                #expect(seen.insert(id.bytes).inserted)
            }
        }
    }

    @Test func itIsWrittenInNetworkOrder() {
        let worker = WorkerID(GenerationID(3), 1)
        #expect(ServerID(of: worker, length: 2).text == "0601")
        #expect(ServerID(of: worker, length: 4).bytes == [0, 0, 6, 1])
        #expect(ServerID(of: WorkerID(GenerationID(128), 0), length: 2).text == "0200")
        let last = WorkerID(GenerationID(1 << 50), 511)
        #expect(ServerID(of: last, length: 8).bytes.count == 8)
    }
}
