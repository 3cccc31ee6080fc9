import Kernel
import TestKit
import Testing

@testable import Keeper

@Suite(.leavesNoDescriptors) struct HostileTests {
    private func kept() throws -> (KeeperBed, Int) {
        let bed = try KeeperBed()
        let file = try MemoryFile(named: "test")
        try bed.supervisor().keep(file, as: "state")
        _ = try bed.supervisor().contents()
        return (bed, try bed.openDescriptors())
    }

    @Test func anyPacketIsSurvivedAndLeavesNoDescriptor() throws {
        let (bed, open) = try kept()
        let stranger = try bed.stranger()
        let null = SharedDescriptor(try openFile("/dev/null", 1))
        var random = SystemRandomNumberGenerator()
        for round in 0..<500 {
            var bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            bytes[0] = PacketFormat.version
            // Not the end of the service, nor what is to be found afterwards.
            if bytes.count > 1, [3, 8, 9].contains(bytes[1]) { bytes[1] = 6 }
            let holders = Array(repeating: null, count: round % 4)
            #expect(try eventually { try stranger.send(bytes, lending: holders) })
            while try stranger.receive(upTo: 100) != nil {}
        }
        _ = consume stranger
        try bed.reconnect()
        #expect(try bed.supervisor().contents().names == ["state"])
        #expect(try bed.openDescriptors() == open)
    }

    @Test func descriptorsThatAreNotWhatTheyShouldBeAreSurvived() throws {
        let (bed, _) = try kept()
        let stranger = try bed.stranger()
        let pathOnly = SharedDescriptor(try openFile("/tmp", 0o10000000))
        let writeOnly = SharedDescriptor(try openFile("/dev/null", 1))
        let endless = SharedDescriptor(try openFile("/dev/zero", 0))
        let huge = try MemoryFile(named: "test")
        try huge.setLength(1 << 40)
        let hugeFile = SharedDescriptor(huge.intoDescriptor())
        for odd in [pathOnly, writeOnly, endless, hugeFile] {
            for request: KeeperRequest in [
                .spawn("worker.1.0"), .lifeLine, .keep("odd.out"), .more,
            ] {
                #expect(try stranger.send(request.bytes, lending: [odd]))
            }
        }
        #expect(try stranger.send(KeeperRequest.keep("path.out").bytes, lending: [pathOnly]))
        #expect(try stranger.send(KeeperRequest.keep("write.err").bytes, lending: [writeOnly]))
        // Without a supervisor it would like to read them.
        _ = consume stranger
        try bed.reconnect()
        let names = try bed.supervisor().contents().names
        #expect(names == ["odd.out", "path.out", "state", "write.err"])
        #expect(try bed.supervisor().contents().workers.isEmpty)
    }

    @Test func aHalfSpokenStartIsDroppedWithItsDescriptors() throws {
        let (bed, open) = try kept()
        let stranger = try bed.stranger()
        let file = try MemoryFile(named: "test")
        let plan = SpawnPlan(executable: "/bin/true", arguments: ["true"], environment: [])
        let targets = Array(Int32(3)...100)
        try file.replaceContents(with: CarriedPlan(plan, targets: targets).bytes)
        let shared = SharedDescriptor(file.intoDescriptor())
        #expect(
            try stranger.send(
                KeeperRequest.spawn("worker.1.0").bytes,
                lending: Array(repeating: shared, count: 50)))
        #expect(try eventually { try bed.openDescriptors() > open + 40 })
        _ = consume stranger
        try bed.reconnect()
        #expect(try bed.supervisor().contents().workers.isEmpty)
        #expect(try bed.openDescriptors() == open)
    }

    @Test func aSupervisorThatDoesNotReadStopsNobodyElse() throws {
        let bed = try KeeperBed()
        let worker = try bed.spawn("worker.1.0", "read line; exit 3")
        let stranger = try bed.stranger()
        // Until its own questions are not taken any more.
        var asked = 0
        while try stranger.send(KeeperRequest.list.bytes), asked < 100_000 { asked += 1 }
        #expect(try ends(worker))
        _ = consume stranger
        try bed.reconnect()
        #expect(try bed.until { !bed.exits.isEmpty })
        #expect(bed.exits.keys.contains("worker.1.0"))
    }

    @Test func whatADeadSupervisorHasSaidLastIsStillDone() throws {
        let (bed, _) = try kept()
        let stranger = try bed.stranger()
        let file = try MemoryFile(named: "test")
        let shared = SharedDescriptor(file.intoDescriptor())
        // Its questions are never read: the answers are lost, the requests are not.
        for index in 0..<50 {
            #expect(try stranger.send(KeeperRequest.list.bytes))
            #expect(try stranger.send(KeeperRequest.keep("last.\(index)").bytes, lending: [shared]))
        }
        _ = consume stranger
        try bed.reconnect()
        #expect(try bed.supervisor().contents().names.count == 51)
    }
}
