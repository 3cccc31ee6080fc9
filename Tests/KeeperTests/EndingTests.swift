import Kernel
import TestKit
import Testing

@testable import Keeper

@Suite(.leavesNoDescriptors) struct EndingTests {
    @Test func theEndLeavesNothing() throws {
        let bed = try KeeperBed()
        let worker = try bed.spawn("worker.1.0", "exec sleep 1000")
        let file = try MemoryFile(named: "test")
        try bed.supervisor().keep(file, as: "state")
        try bed.supervisor().end()
        #expect(try bed.hasEnded())
        #expect(try ends(worker))
    }

    @Test func whenTheLifeLineHangsUpWorkersStopAndTheKeeperGoes() throws {
        let bed = try KeeperBed()
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let lifeLine = pair.takeFirst()
        try bed.supervisor().holdLifeLine(pair.takeSecond())
        var pipe = try Pipe()
        let writer = pipe.takeWriter()
        var descriptors = DescriptorPlan()
        try descriptors.place(writer, at: 1)
        _ = try bed.spawn(
            "worker.1.0", "trap 'echo asked; exit' TERM; echo ready; while :; do sleep 0.01; done",
            descriptors)
        _ = consume writer
        let reader = LineReader(pipe.takeReader())
        #expect(try reader.next() == "ready")
        bed.crash()
        // The supervisor alone is no reason.
        try bed.reconnect()
        bed.crash()
        _ = consume lifeLine
        #expect(try reader.next() == "asked")
        #expect(try bed.hasEnded())
    }

    @Test func aWorkerThatIgnoresTheStopSignalIsKilledAtTheDeadline() throws {
        let bed = try KeeperBed(stopTimeout: .milliseconds(50))
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let lifeLine = pair.takeFirst()
        try bed.supervisor().holdLifeLine(pair.takeSecond())
        let worker = try bed.spawn("worker.1.0", "trap '' TERM; while :; do sleep 1000; done")
        bed.crash()
        _ = consume lifeLine
        #expect(try bed.hasEnded())
        #expect(try ends(worker))
    }

    @Test func aSupervisorComesBackOverTheLifeLine() throws {
        let bed = try KeeperBed()
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let lifeLine = pair.takeFirst()
        try bed.supervisor().holdLifeLine(pair.takeSecond())
        let worker = try bed.spawn("worker.1.0", "exec sleep 1000")
        // Even where the socket's file is gone.
        try removeFile(bed.path)
        try bed.reconnect(over: lifeLine)
        #expect(try bed.supervisor().contents().workers.map(\.pid) == [worker.pid])
        let rule = StopRule(signal: 15, timeout: .zero)
        #expect(throws: KeeperError.refused("another supervisor is connected")) {
            try KeeperLink.connect(over: lifeLine, rule, in: bed.loop)
        }
    }

    @Test func aLifeLineThatNobodyHoldsIsSaidAndEndsNothing() throws {
        let bed = try KeeperBed()
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        try bed.supervisor().holdLifeLine(pair.takeSecond())
        _ = pair.takeFirst()
        #expect(try bed.until { bed.isLifeLineLost })
        _ = try bed.spawn("worker.1.0", "exec sleep 1000")
        try bed.reconnect()
        #expect(try bed.supervisor().contents().workers.count == 1)
    }

    @Test func termEndsAnOrphanedKeeperAndNoOther() throws {
        let bed = try KeeperBed()
        let worker = try bed.spawn("worker.1.0", "exec sleep 1000")
        try bed.process.signal(15)
        // Its answer comes after the signal was taken.
        #expect(try bed.supervisor().contents().workers.count == 1)
        #expect(try bed.supervisor().contents().workers.count == 1)
        bed.crash()
        try bed.process.signal(15)
        #expect(try ends(worker))
        #expect(try bed.hasEnded())
    }

    @Test func nobodyIsLetInWhileItEnds() throws {
        let bed = try KeeperBed()
        var pipe = try Pipe()
        let writer = pipe.takeWriter()
        var descriptors = DescriptorPlan()
        try descriptors.place(writer, at: 1)
        let worker = try bed.spawn(
            "worker.1.0", "trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done",
            descriptors)
        _ = consume writer
        let reader = LineReader(pipe.takeReader())
        #expect(try reader.next() == "ready")
        bed.crash()
        try bed.process.signal(15)
        #expect(try reader.next() == "asked")
        #expect(throws: KeeperError.refused("the service is ending")) { try bed.reconnect() }
        try worker.handle.signal(9)
        #expect(try bed.hasEnded())
    }

    @Test func outputIsReadWhileNobodySupervises() throws {
        let bed = try KeeperBed()
        var out = try Pipe(nonBlockingReader: true)
        var err = try Pipe(nonBlockingReader: true)
        let outWriter = out.takeWriter()
        let errWriter = err.takeWriter()
        var descriptors = DescriptorPlan()
        try descriptors.place(outWriter, at: 1)
        try descriptors.place(errWriter, at: 2)
        try bed.supervisor().keep(out.takeReader(), as: "worker.1.0.out")
        try bed.supervisor().keep(err.takeReader(), as: "worker.1.0.err")
        let script = "echo before; echo error >&2; read line; exit 0"
        _ = try bed.spawn("worker.1.0", script, descriptors)
        #expect(try bed.until { !bed.exits.isEmpty })
        // More than a pipe holds: it would stand still if nobody read.
        let much =
            "i=0; while [ $i -lt 3000 ]; do echo line $i of some length or other; "
            + "i=$((i+1)); done; echo over"
        var more = DescriptorPlan()
        try more.place(outWriter, at: 1)
        let talker = try bed.spawn("worker.1.1", "sleep 0.1; \(much)", more)
        bed.crash()
        _ = consume outWriter
        _ = consume errWriter
        #expect(try ends(talker))
        var lines: [String] = []
        while let line = try bed.process.output.next() {
            lines.append(line)
            if line == "[1.0] over" { break }
        }
        #expect(lines.contains("[1.0] before") && lines.contains("[1.0] error"))
        #expect(lines.contains("[1.0] line 2999 of some length or other"))
    }
}
