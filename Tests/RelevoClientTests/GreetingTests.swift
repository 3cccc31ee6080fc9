import Kernel
import SystemPackage
import TestKit
import Testing

@testable import RelevoClient

@Suite(.leavesNoDescriptors) struct GreetingTests {
    @Test func aWorkerSaysHelloAndKnowsWhoItIs() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        #expect(try supervisor.hear() == "HELLO\nVERSION=1\nID=1")
        #expect(worker.isSupervised && worker.service == "echo")
        #expect(worker.generation == 2 && worker.index == 1 && worker.workers == 3)
        #expect(try worker.nextEvent() == nil)
    }

    @Test func aJoiningWorkerSaysWhatItIs() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("workers")
        let listener = try UnixListener(at: UnixAddress(path), kind: .sequencedPacket)
        var around = StartEnvironment()
        around.channel = .path(Array(path.utf8) + [0])
        var wishes = JoinWishes()
        wishes.group = Array("v 2\n".utf8)
        wishes.workers = 4
        // Nobody answers: what it has said lies there.
        #expect(throws: RelevoError(.greet, .timedOut)) {
            try RelevoWorker(around, joining: wishes, within: .milliseconds(1))
        }
        let connection = try present(try listener.accept())
        let hello = try present(try connection.receive(upTo: 4096))
        #expect(
            String(decoding: hello.bytes, as: UTF8.self)
                == "HELLO\nVERSION=1\nGROUP=v 2 \nWORKERS=4\nID=1")
        around.channel = .path(Array(folder.file("nothing").utf8) + [0])
        #expect(throws: RelevoError(.openChannel, .system(2))) { try RelevoWorker(around) }
    }

    @Test func socketsAndWhatIsKeptAreTakenOnceEach() throws {
        var supervisor = try ToySupervisor()
        var first = DescriptorList()
        for name in ["one", "two"] { try first.append(duplicateOf: MemoryFile(named: name)) }
        var second = DescriptorList()
        for name in ["three", "four"] { try second.append(duplicateOf: MemoryFile(named: name)) }
        try supervisor.say(
            ToySupervisor.welcome + "\nSOCKET=0 3 udp://[::]:4433 front door\nSTORED=state\nMORE=1",
            first)
        try supervisor.say(
            ToySupervisor.welcome + "\nSOCKET=1 0 tcp://127.0.0.1:80 web\nSTORED=state", second)
        let worker = try supervisor.start()
        #expect(
            worker.listeners.map(\.name) == ["front door", "web"]
                && worker.listeners.map(\.slot) == [3, 0]
                && worker.listeners.map(\.isStream) == [false, true])
        #expect(try name(worker.socket("front door", orBind: "")) == "one")
        #expect(try name(worker.socket("", orBind: "tcp://127.0.0.1:80")) == "three")
        #expect(throws: RelevoError(.takeSocket, .noSuchListener)) {
            try worker.socket("web", orBind: "tcp://127.0.0.1:80")
        }
        #expect(try name(worker.take("state")) == "two")
        #expect(try name(worker.take("state")) == "four")
        #expect(worker.take("state") == nil)
    }

    @Test(arguments: [
        "WELCOME\nID=1", "WELCOME\nID=1\nGENERATION=1\nWORKER=x", "OK\nID=1",
        "WELCOME\nID=1\nGENERATION=1\nWORKER=0\nSOCKET=0 0 udp://127.0.0.1:1 a",
        "WELCOME\nID=1\nGENERATION=1\nWORKER=0\nSTORED=a\nSTORED=b",
        "WELCOME\nID=1\nGENERATION=1\nWORKER=0",
        "WELCOME\nID=1\nGENERATION=1\nWORKER=0\nSOCKET=0 udp://127.0.0.1:1",
    ])
    func aWelcomeThatIsNoneIsRefusedAndItsDescriptorsAreClosed(_ packet: String) throws {
        var supervisor = try ToySupervisor()
        var one = DescriptorList()
        try one.append(duplicateOf: MemoryFile(named: "one"))
        let lines = packet.contains("SOCKET=0 0") ? DescriptorList() : one
        try supervisor.say(packet, lines)
        #expect(throws: RelevoError(.greet, .malformed)) { try supervisor.start() }
    }

    @Test func aSupervisorThatRefusesOrEndsOrIsSilentIsTold() throws {
        var refusing = try ToySupervisor()
        #expect(throws: RelevoError(.greet, .refused(.refused))) {
            try refusing.worker(["ERROR\nID=1\nCODE=refused\nREASON=who are you"])
        }
        var silent = try ToySupervisor()
        #expect(throws: RelevoError(.greet, .timedOut)) {
            try silent.worker([], within: .milliseconds(1))
        }
    }

    @Test func withoutASupervisorItsSocketsAreBound() throws {
        let worker = try lonelyWorker()
        #expect(!worker.isSupervised && worker.generation == 0)
        let number = try worker.socket("any", orBind: "udp://127.0.0.1:0")
        let socket = DatagramSocket(adopting: OwnedDescriptor(adopting: number))
        // A second process can come, as under a supervisor.
        let second = try DatagramSocket.bound(to: socket.localAddress())
        #expect(try second.localAddress() == (try socket.localAddress()))
        try worker.ready()
        try worker.sessions(3)
        try worker.drained()
        try worker.leave()
        try worker.store([0], as: "x")
        #expect(worker.take("x") == nil)
        #expect(try worker.nextEvent() == nil)
        #expect(throws: RelevoError(.link, .unsupported)) { try worker.link(to: .older) }
        #expect(throws: RelevoError(.bind, .invalid)) { try worker.socket("a", orBind: "a") }
    }

    private func name(_ number: CInt?) throws -> String {
        let descriptor = OwnedDescriptor(adopting: try #require(number))
        let target = try descriptor.withRaw { try readLink("/proc/thread-self/fd/\($0)") }
        return String(target.dropFirst("/memfd:".count).prefix { $0 != " " })
    }
}
