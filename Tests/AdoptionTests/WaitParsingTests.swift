import Adoption
import Testing

@Suite struct WaitParsingTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func theThreeFormsOfTheSyscallFileAreRead() {
        #expect(BlockedCall(parsing: bytes("running\n")) == .running)
        #expect(BlockedCall(parsing: bytes("-1 0x7ffe 0x55aa\n")) == .outside)
        let line = "45 0x3 0x7f00 0x10000 0x0 0x0 0x0 0x7ffdbe 0x7f5f\n"
        #expect(
            BlockedCall(parsing: bytes(line))
                == .blocked(
                    number: 45, arguments: [3, 0x7f00, 0x10000, 0, 0, 0], stackPointer: 0x7ffdbe))
    }

    @Test(arguments: ["", "\n", "45", "45 3 4", "45 0x3 0x4 0x5 0x6 0x7 0x8 0x9", "x 0x1", "0x"])
    func anotherFormIsNotGuessedAt(line: String) {
        #expect(BlockedCall(parsing: bytes(line)) == nil)
    }

    @Test func waitingCallsAreKnownOnBothArchitectures() {
        let arguments: [UInt64] = [4, 0x1000, 3, 0, 0, 0]
        #expect(WaitCall(232, arguments, on: .x86) == .epoll(set: 4))
        #expect(WaitCall(22, arguments, on: .arm) == .epoll(set: 4))
        #expect(WaitCall(299, arguments, on: .x86) == .read(descriptor: 4))
        #expect(WaitCall(243, arguments, on: .arm) == .read(descriptor: 4))
        #expect(WaitCall(7, arguments, on: .x86) == .poll(address: 4, count: 0x1000))
        #expect(WaitCall(72, arguments, on: .arm) == .select(readSet: 0x1000, count: 4))
        #expect(WaitCall(426, arguments, on: .x86) == .ring)
        #expect(WaitCall(202, arguments, on: .x86) == nil)
        #expect(WaitCall(232, arguments, on: .arm) == nil)
    }

    @Test func aPollSetYieldsWhatWaitsForInput() {
        let memory: [UInt8] = [
            5, 0, 0, 0, 1, 0, 0, 0,  // 5, POLLIN
            6, 0, 0, 0, 4, 0, 0, 0,  // 6, POLLOUT
            0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0,  // -1
            7, 1, 0, 0, 0x40, 0, 0, 0,  // 263, POLLRDNORM
            9, 0, 0,
        ]
        #expect(WaitSets.poll(memory) == [5, 263])
    }

    @Test func aSelectSetYieldsItsMembersBelowTheCount() {
        #expect(WaitSets.select([0b1000_1000, 0b11], count: 9) == [3, 7, 8])
        #expect(WaitSets.select([0b1000_1000], count: 1024) == [3, 7])
    }

    @Test func anEpollSetYieldsWhatWaitsForInput() {
        let fdinfo = """
            pos:\t0
            flags:\t02000002
            mnt_id:\t15
            ino:\t1057
            tfd:        5 events:       19 data:                5  pos:0 ino:1f3a sdev:8
            tfd:        6 events:        4 data:     ffffffffffff  pos:0 ino:1f3b sdev:8
            tfd:        7 events: 8000201b data:                7
            """
        #expect(
            WaitSets.epoll(bytes(fdinfo)) == [
                EpollMember(descriptor: 5, inode: 0x1f3a),
                EpollMember(descriptor: 7, inode: nil),
            ])
    }

    @Test(arguments: ["socket:[]", "socket:[-1]", "socket:[1", "pipe:[1]", "/dev/null", ""])
    func whatIsNoSocketHasNoInode(link: String) { #expect(SocketLink.inode(link) == nil) }

    @Test func aSocketLinkNamesItsInode() { #expect(SocketLink.inode("socket:[91]") == 91) }

    @Test func randomTextNeverTraps() {
        let alphabet = bytes("0123456789abcdefx -\n\ttfd:events:ino:running")
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...80)).compactMap { _ in alphabet.randomElement() }
            if case .blocked(_, let arguments, _) = BlockedCall(parsing: text) {
                #expect(arguments.count == 6)
            }
            #expect(WaitSets.epoll(text).allSatisfy { $0.descriptor >= 0 } || !text.isEmpty)
            #expect(WaitSets.poll(text).count <= text.count / 8)
            #expect(WaitSets.select(text, count: 64).allSatisfy { $0 < 64 })
        }
    }
}
