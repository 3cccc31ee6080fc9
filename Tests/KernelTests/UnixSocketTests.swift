import Kernel
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct UnixSocketTests {
    @Test(arguments: [UnixSocketKind.stream, .sequencedPacket])
    func bothEndsKnowEachOther(_ kind: UnixSocketKind) throws {
        let folder = try TemporaryFolder()
        let address = UnixAddress(folder.file("socket"))
        let listener = try UnixListener(at: address, kind: kind)
        #expect(try isNone(listener.accept()))
        let client = try UnixConnection(to: address, kind: kind)
        let server = try present(try listener.accept())
        let ends = [try client.peerCredentials(), try server.peerCredentials()]
        for credentials in ends {
            #expect(credentials.pid == ProcessIdentity.processID)
            #expect(credentials.uid == ProcessIdentity.effectiveUser)
            #expect(credentials.gid == ProcessIdentity.effectiveGroup)
        }
        #expect(try isNone(server.receive(upTo: 10)))
        #expect(try client.send([1, 2, 3]))
        let message = try present(try server.receive(upTo: 10))
        #expect(message.bytes == [1, 2, 3])
        _ = consume client
        #expect(try server.receive(upTo: 10)?.bytes == [])
    }

    @Test func descriptorsArriveAsOwnersInTheirOrder() throws {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let (sender, receiver) = Ends.take(&pair)
        var list = DescriptorList()
        for name in ["first", "second"] {
            try list.append(duplicateOf: MemoryFile(named: name))
        }
        #expect(try sender.value.send([1], descriptors: list))
        var message = try present(try receiver.value.receive(upTo: 10, descriptors: 2))
        #expect(!message.lostDescriptors && !message.isCut)
        for name in ["first", "second"] {
            let descriptor = try present(message.descriptors.takeFirst())
            let number = descriptor.withRaw { $0 }
            #expect(try readLink("/proc/thread-self/fd/\(number)").hasPrefix("/memfd:\(name)"))
            let info = String(
                decoding: try readFile("/proc/thread-self/fdinfo/\(number)"), as: UTF8.self)
            #expect(info.contains("flags:\t02"), "not CLOEXEC: \(info)")
        }
        let isEmptied = isNone(message.descriptors.takeFirst())
        #expect(isEmptied)
    }

    @Test func surplusDescriptorsAreClosedAndTold() throws {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let (sender, receiver) = Ends.take(&pair)
        var list = DescriptorList()
        for _ in 0..<253 { try list.append(duplicateOf: StandardStream.error) }
        #expect(try sender.value.send([1], descriptors: list))
        let before = try openDescriptors().count
        let message = try present(try receiver.value.receive(upTo: 10, descriptors: 3))
        #expect(message.descriptors.count == 3)
        #expect(message.lostDescriptors == true)
        #expect(try openDescriptors().count == before + 3)
        #expect(try sender.value.send([1], descriptors: list))
        let unwanted = try present(try receiver.value.receive(upTo: 10))
        #expect(unwanted.descriptors.count == 0)
        #expect(unwanted.lostDescriptors == true)
    }

    @Test func tooManyDescriptorsAreRefusedBySending() throws {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let (sender, _) = Ends.take(&pair)
        var list = DescriptorList()
        for _ in 0..<254 { try list.append(duplicateOf: StandardStream.error) }
        #expect(throws: KernelError("sendmsg", .invalidArgument)) {
            try sender.value.send([1], descriptors: list)
        }
    }

    @Test func aMessageLongerThanItsRoomIsCutAndTold() throws {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let (sender, receiver) = Ends.take(&pair)
        #expect(try sender.value.send([UInt8](repeating: 1, count: 100)))
        #expect(try sender.value.send([2]))
        let message = try present(try receiver.value.receive(upTo: 10))
        #expect(message.bytes.count == 10 && message.isCut)
        #expect(try receiver.value.receive(upTo: 10)?.bytes == [2])
    }

    @Test func aFullQueueIsAnAnswerAndALostPeerAnError() throws {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let sender = pair.takeFirst()
        do {
            let receiver = pair.takeSecond()
            var sent = 0
            while try sender.send([UInt8](repeating: 1, count: 1000)) { sent += 1 }
            #expect(sent > 0)
            _ = consume receiver
        }
        // It went with messages unread: that is told first.
        #expect(throws: KernelError("sendmsg", .connectionReset)) { try sender.send([1]) }
        #expect(throws: KernelError("sendmsg", .brokenPipe)) { try sender.send([1]) }
    }

    @Test(arguments: [UnixSocketKind.stream, .sequencedPacket])
    func aDeadSocketsFileIsReplacedAndALiveOneIsNot(_ kind: UnixSocketKind) throws {
        let folder = try TemporaryFolder()
        let address = UnixAddress(folder.file("socket"))
        _ = try UnixListener(at: address, kind: kind)
        #expect(try FileStatus(of: address.description)?.kind == .socket)
        let listener = try UnixListener(at: address, kind: kind)
        for other in [UnixSocketKind.stream, .sequencedPacket] {
            #expect(throws: KernelError("bind", .addressInUse, on: "\(address)")) {
                _ = try UnixListener(at: address, kind: other)
            }
        }
        #expect(try UnixConnection(to: address, kind: kind).peerCredentials().pid > 0)
        _ = try listener.accept()
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        try writeFile(folder.file("file"), [1])
        let address = UnixAddress(folder.file("file"))
        #expect(throws: KernelError("bind", .addressInUse, on: "\(address)")) {
            _ = try UnixListener(at: address, kind: .stream)
        }
        #expect(try readFile(folder.file("file")) == [1])
    }

    @Test func theFileIsTheOwnersAlone() throws {
        let folder = try TemporaryFolder()
        let listener = try UnixListener(at: UnixAddress(folder.file("a")), kind: .stream)
        let notify = try NotifySocket(at: UnixAddress(folder.file("b")))
        #expect(try FileStatus(of: folder.file("a"))?.mode == 0o600)
        #expect(try FileStatus(of: folder.file("b"))?.mode == 0o600)
        _ = (try listener.isReadable(), try notify.isReadable())
    }

    @Test func aPathTooLongIsRefusedNotCut() throws {
        let address = UnixAddress("/tmp/" + String(repeating: "x", count: 103))
        #expect(throws: KernelError("bind", .fileNameTooLong, on: "\(address)")) {
            _ = try UnixListener(at: address, kind: .stream)
        }
        let longest = UnixAddress("@" + String(repeating: "x", count: 106))
        _ = try UnixListener(at: longest, kind: .stream)
    }

    @Test(
        .enabled(if: canPlanFaults, "needs a debug build"),
        arguments: [Errno.noMemory, .tooManyOpenFiles])
    func aFailureAtAnyCallLeavesNothingOpen(_ errno: Errno) throws {
        let folder = try TemporaryFolder()
        let address = UnixAddress(folder.file("socket"))
        _ = try UnixListener(at: address, kind: .sequencedPacket)
        let calls = try sweepFailures(with: errno) {
            let listener = try UnixListener(at: address, kind: .sequencedPacket)
            let client = try UnixConnection(to: address, kind: .sequencedPacket)
            var list = DescriptorList()
            try list.append(duplicateOf: client)
            _ = try client.send([1], descriptors: list)
            let server = try listener.accept()
            _ = try server?.receive(upTo: 10, descriptors: 1)
            var pair = try UnixConnectionPair(kind: .stream, nonBlockingFirst: true)
            _ = pair.takeFirst()
        }
        #expect(calls >= 14)
    }

    /// A connection in a box, because a tuple cannot hold one.
    private final class Ends {
        let value: UnixConnection

        init(_ value: consuming UnixConnection) { self.value = value }

        static func take(_ pair: inout UnixConnectionPair) -> (Ends, Ends) {
            (Ends(pair.takeFirst()), Ends(pair.takeSecond()))
        }
    }
}
