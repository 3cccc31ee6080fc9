import HandoverCore
import Testing

@testable import ServiceCore

/// Sockets that stay over the lives of workers and supervisors.
@Suite struct SlotLifeTests {
    private static let address = SocketPlace(
        .ipv4(0x7F00_0001, port: 53), v6Only: false, isStream: false, text: "udp://127.0.0.1:53")

    /// Banks of one listener with sockets that are there already.
    private static func banks(given: Int) -> Banks {
        var shape = ListenerShape(address: address.text, place: address)
        shape.given = given
        return Banks(
            listeners: [shape],
            sockets: (0..<given).map {
                (SlotID(listener: 0, number: $0), BoundSocket(inode: UInt64(100 + $0)))
            })
    }

    @Test func aPreparationThatFailsLeavesAGivenSocketAlone() throws {
        var banks = Self.banks(given: 1)
        _ = banks.prepare(GenerationID(1), workers: 2)
        _ = banks.bound(SlotID(listener: 0, number: 1), BoundSocket(inode: 7))
        let answer = banks.failed(SlotID(listener: 0, number: 0), PortFault("no memory"))
        guard case .bankFailed(_, _, let verbs) = answer else {
            Issue.record("\(answer)")
            return
        }
        let fresh = SlotID(listener: 0, number: 1)
        #expect(verbs == [.duty(.release(fresh, of: nil, dropsBefore: 0))])
        #expect(banks.idleSlots(at: 0).map(\.id.number) == [0])
    }

    @Test func aSocketThatWasBoundAgainIsRenewedForTheNextWorker() throws {
        var run = ServiceRun()
        run.serve()
        let id = WorkerID(GenerationID(1), 0)
        let slot = try #require(run.service.banks.slots(of: id).first?.first)
        let call = CallID(1)
        run.service.banks.lend(id)
        _ = run.service.banks.renew(slot.id, of: id, for: call)
        _ = run.service.banks.bound(slot.id, BoundSocket(inode: slot.inode))
        #expect(run.service.banks.needsRenewal(id))
    }

    @Test func aSocketThatIsFoundAgainIsNotTakenForARenewedOne() throws {
        var run = ServiceRun()
        run.serve()
        let id = WorkerID(GenerationID(1), 0)
        let slot = try #require(run.service.banks.slots(of: id).first?.first)
        run.take(.workerExited(id, .killed(signal: 9)))
        run.take(.queuesSeen(.left(id), hasData: false))
        run.now = run.now + .seconds(1)
        run.take(.tick)
        let recovered = BoundSocket(inode: slot.inode)
        run.take(.slotRecovered(slot.id, recovered, of: id, isFresh: false))
        #expect(!run.verbs.contains(.spawn(id)))
        run.take(.slotBound(slot.id, BoundSocket(inode: 999)))
        #expect(run.verbs.contains(.spawn(id)))
    }
}
