import Kernel
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct NotifySocketTests {
    @Test func aMessageTellsWhoSentItAndBringsDescriptors() throws {
        let folder = try TemporaryFolder()
        let address = UnixAddress(folder.file("notify"))
        let socket = try NotifySocket(at: address)
        #expect(try isNone(socket.receive()))
        var list = DescriptorList()
        try list.append(duplicateOf: socket)
        try sendNotification("READY=1\nSTATUS=up", to: address, descriptors: list)
        let message = try present(try socket.receive(descriptors: 4))
        #expect(String(decoding: message.bytes, as: UTF8.self) == "READY=1\nSTATUS=up")
        #expect(message.credentials?.pid == ProcessIdentity.processID)
        #expect(message.credentials?.uid == ProcessIdentity.realUser)
        #expect(message.descriptors.count == 1)
    }

    @Test func anotherProcessIsToldByItsOwnNumber() throws {
        let folder = try TemporaryFolder()
        let address = UnixAddress(folder.file("notify"))
        let socket = try NotifySocket(at: address)
        let program = """
            import os, socket
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
            """
        let process = try TestProcess(
            ["python3", "-c", program],
            environment: Environment.strings() + ["NOTIFY_SOCKET=\(address)"])
        #expect(try socket.wait(for: .readable, within: .seconds(20)))
        #expect(try socket.receive()?.credentials?.pid == process.pid)
        #expect(try process.exit() == .code(0))
    }

    @Test func anAbstractAddressHasNoFile() throws {
        let address = UnixAddress("@relevo-test-\(ProcessIdentity.processID)")
        let socket = try NotifySocket(at: address)
        try sendNotification("READY=1", to: address)
        #expect(try socket.receive()?.bytes.isEmpty == false)
        #expect(throws: KernelError("bind", .addressInUse, on: "\(address)")) {
            _ = try NotifySocket(at: address)
        }
    }

    @Test func aReceiverThatIsNotThereIsAnError() throws {
        #expect(throws: KernelError("sendmsg", .noSuchFileOrDirectory, on: "/nonesuch/notify")) {
            try sendNotification("READY=1", to: UnixAddress("/nonesuch/notify"))
        }
    }
}
