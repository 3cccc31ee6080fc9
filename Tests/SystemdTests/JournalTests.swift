import Kernel
import TestKit
import Testing

@testable import Systemd

@Suite(.leavesNoDescriptors) struct JournalTests {
    private let entry = JournalEntry(
        Array("up".utf8), priority: 5, identifier: "relevo", fields: ["RELEVO_WORKER": "0"])

    @Test func anEntryIsOneFieldALine() {
        #expect(
            String(decoding: entry.encoded(), as: UTF8.self)
                == "PRIORITY=5\nSYSLOG_IDENTIFIER=relevo\nRELEVO_WORKER=0\nMESSAGE=up\n")
    }

    @Test func aValueOfSeveralLinesIsCounted() {
        let entry = JournalEntry(Array("a\nb".utf8), priority: 6, identifier: "relevo")
        let wanted = Array("MESSAGE\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("a\nb\n".utf8)
        #expect(Array(entry.encoded().suffix(wanted.count)) == wanted)
    }

    @Test func aFullJournalTakesTheEntryLater() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("journal")
        let receiver = try NotifySocket(at: UnixAddress(path))
        let journal = JournalSocket(at: path)
        var taken = 0
        while journal.send(entry) == .taken { taken += 1 }
        #expect(taken > 0)
        #expect(journal.send(entry) == .full)
        #expect(try receiver.receive()?.bytes == entry.encoded())
        #expect(journal.send(entry) == .taken)
    }

    @Test func withoutAJournalItIsRefusedUntilThereIsOne() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("journal")
        let journal = JournalSocket(at: path)
        #expect(journal.send(entry) == .refused)
        let receiver = try NotifySocket(at: UnixAddress(path))
        #expect(journal.send(entry) == .taken)
        #expect(try receiver.receive() != nil)
    }

    @Test func theLongestMessageIsCutAndGoes() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("journal")
        let receiver = try NotifySocket(at: UnixAddress(path))
        let long = JournalEntry(
            [UInt8](repeating: 65, count: 1 << 20), priority: 6, identifier: "relevo")
        #expect(JournalSocket(at: path).send(long) == .taken)
        #expect(try receiver.receive(upTo: 1 << 20)?.isCut == false)
    }
}
