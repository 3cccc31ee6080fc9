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

    /// A supervisor that dies while it prepares a bank has them in no bank: the next one must not close them.
    @Test func aGivenSocketThatIsBorrowedIsWrittenDown() throws {
        var banks = Self.banks(given: 2)
        let given = (0..<2).map { SlotID(listener: 0, number: $0) }
        _ = banks.prepare(GenerationID(1), workers: 2)
        #expect(banks.listenerPart(0, nil).idle.map(\.id) == given)
        _ = banks.bound(given[0], BoundSocket(inode: 100))
        #expect(banks.takeChanged().listeners == [0])
        #expect(banks.listenerPart(0, nil).idle.map(\.id) == given)
        _ = banks.bound(given[1], BoundSocket(inode: 101))
        #expect(banks.takeChanged().listeners == [0])
        #expect(banks.listenerPart(0, nil).idle.isEmpty)
        #expect(banks[GenerationID(1)]?.all.map(\.id) == given)
    }

    /// Its worker is not started after all, and its slot has gone to the next generation meanwhile.
    @Test func aRenewalThatIsUnderWayIsTheNextWorkers() throws {
        var banks = Self.banks(given: 0)
        let slot = SlotID(listener: 0, number: 0)
        let (old, new) = (WorkerID(GenerationID(1), 0), WorkerID(GenerationID(2), 0))
        _ = banks.prepare(GenerationID(1), workers: 1)
        _ = banks.bound(slot, BoundSocket(inode: 7))
        banks.lend(old)
        guard case .waits([.renew(slot, afterWorker: true)]) = banks.renew(old) else {
            Issue.record("it is not renewed")
            return
        }
        guard case .prepared = banks.inherit(GenerationID(2), workers: 1, from: GenerationID(1))
        else {
            Issue.record("the bank is not inherited")
            return
        }
        guard case .waits(let verbs) = banks.renew(new) else {
            Issue.record("its worker is started on the socket that was there before")
            return
        }
        #expect(verbs.isEmpty)
        guard case .renewed(new, lost: 3) = banks.bound(slot, BoundSocket(inode: 8, lost: 3)) else {
            Issue.record("the worker is not started")
            return
        }
        #expect(banks.slots(of: new).joined().map(\.inode) == [8])
    }

    /// One that is bound anew while the bank waits for more slots is inherited as it is then.
    @Test func aBankIsInheritedAsItIsAtTheEnd() throws {
        var banks = Self.banks(given: 0)
        let slot = SlotID(listener: 0, number: 0)
        _ = banks.prepare(GenerationID(1), workers: 1)
        _ = banks.bound(slot, BoundSocket(inode: 7))
        _ = banks.inherit(GenerationID(2), workers: 2, from: GenerationID(1))
        _ = banks.replace(slot, BoundSocket(inode: 9))
        _ = banks.bound(SlotID(listener: 0, number: 1), BoundSocket(inode: 10))
        #expect(banks[GenerationID(2)]?.all.map(\.inode) == [9, 10])
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
        run.take(.workerExited(id, pid: 1000, .killed(signal: 9)))
        run.take(.queuesSeen(.left(id), hasData: false))
        run.now = run.now + .seconds(1)
        run.take(.tick)
        let recovered = BoundSocket(inode: slot.inode)
        run.take(.slotRecovered(slot.id, recovered, of: id))
        #expect(!run.verbs.contains(.spawn(id)))
        run.take(.slotBound(slot.id, BoundSocket(inode: 999)))
        #expect(run.verbs.contains(.spawn(id)))
    }
}
