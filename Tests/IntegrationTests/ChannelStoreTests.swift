import ControlProtocol
import Kernel
import TestKit
import Testing

/// Descriptors that workers keep with the supervisor for their successors.
@Suite(.ownNetwork, .needsRoot)
struct ChannelStoreTests {
    private static let options = ["--listen", "udp://\(address)", "--linger", "20ms"]

    private func client() throws -> Question {
        try Question(to: try #require(SocketAddress(address)))
    }

    /// Makes a memfd with this text in it, in a worker.
    private func memory(_ text: String) -> String {
        "(lambda fd: (os.write(fd, b'\(text)'), fd)[1])(os.memfd_create('x'))"
    }

    /// Reads what was handed over under this name, in a worker.
    private func contents(_ name: String) -> String {
        "python [os.pread(n, 99, 0) for n in kept.get('\(name)', [])]"
    }

    private func store(_ text: String, as name: String, adds: Bool = false) -> String {
        let keys = "NAME='\(name)', ID=1" + (adds ? ", ADD=1" : "")
        return "python say('STORE', [\(memory(text))], \(keys)) or answer('1')"
    }

    @Test func whatIsStoredComesToTheNextGenerationAndToAWorkerStartedAgain() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        let old = try client()
        #expect(try old.ask(store("one", as: "state")) == "1.0: OK ID=1")
        #expect(try old.ask(store("two", as: "state")) == "1.0: OK ID=1")
        #expect(try old.ask(store("three", as: "state", adds: true)) == "1.0: OK ID=1")
        #expect(try old.ask(store("four", as: "other name")) == "1.0: OK ID=1")
        #expect(try service.upgrade())
        #expect(
            try client().ask(contents("state")) == "2.0: [b'two', b'three']")
        #expect(try client().ask(contents("other name")) == "2.0: [b'four']")
        try service.kill()
        #expect(try service.restarted())
        #expect(try client().ask(contents("state")) == "2.0: [b'two', b'three']")
        #expect(try client().ask("FORGET\nNAME=state\nID=1") == "2.0: OK ID=1")
        #expect(try client().ask("FETCH\nID=2") == "2.0: STORED ID=2 STORED=other name [1]")
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try client().ask("FETCH\nID=3") == "1.0: STORED ID=3 STORED=other name [1]")
    }

    @Test func whatIsStoredOutlivesTheSupervisor() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        #expect(try client().ask(store("kept", as: "state")) == "1.0: OK ID=1")
        try service.succeed()
        #expect(try client().ask(store("more", as: "state", adds: true)) == "1.0: OK ID=1")
        try service.succeed()
        #expect(try service.upgrade())
        #expect(try client().ask(contents("state")) == "2.0: [b'kept', b'more']")
    }

    @Test func eachIndexHasItsOwn() throws {
        let service = try Service.current(
            Self.options + ["--workers", "2"],
            command: ChannelWorker.command(
                """
                ignore_stop()
                hello()
                if me.startswith("1."):
                    fd = os.memfd_create("x")
                    os.write(fd, me.encode())
                    say("STORE", [fd], NAME="mine")
                else:
                    print("kept", [os.pread(n, 9, 0) for n in kept["mine"]], flush=True)
                say("READY")
                obey()
                """))
        #expect(try service.upgrade())
        #expect(try service.says("[2.0] kept [b'1.0']"))
        #expect(try service.says("[2.1] kept [b'1.1']"))
    }

    @Test func theStoreIsBoundedAndSaysSo() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        let client = try client()
        func store(_ count: Int, _ name: String) throws -> String? {
            try client.ask(
                "python say('STORE', [0] * \(count), NAME='\(name)', ID=1) or answer('1')")
        }
        #expect(try store(32, "a") == "1.0: OK ID=1")
        #expect(try store(32, "b") == "1.0: OK ID=1")
        #expect(try store(1, "c")?.contains("CODE=full") == true)
        #expect(try store(32, "b") == "1.0: OK ID=1")
        #expect(try store(33, "d")?.contains("CODE=descriptors") == true)
        #expect(try store(0, "d")?.contains("CODE=descriptors") == true)
        #expect(try store(1, "d:e")?.contains("CODE=key") == true)
        #expect(try service.upgrade())
        // More than one packet, and no more descriptors than lines.
        #expect(try service.line(with: "[2.0] heard WELCOME") != nil)
        let count = try self.client().ask("python [len(kept[name]) for name in 'ab']")
        #expect(count == "2.0: [32, 32]")
    }

    @Test func sdNotifyReachesTheSameStoreAndListenFDsHasIt() throws {
        let service = try Service.current(
            Self.options,
            command: ChannelWorker.command(
                """
                import fcntl
                names = os.environ["LISTEN_FDNAMES"].split(":")
                print("names", names, flush=True)
                kept_then = [os.pread(3 + i, 99, 0) for i, name in enumerate(names) if name == "cache"]
                print("inherited", kept_then, flush=True)
                ignore_stop()
                hello()
                if me == "1.0":
                    fd = os.memfd_create("x")
                    os.write(fd, b"warm")
                    notify("FDSTORE=1\\nFDNAME=cache", [fd])
                    notify("FDSTORE=1\\nFDNAME=cache", [fd, os.dup(fd)])
                    notify("FDSTORE=1", [0])
                if me == "3.0":
                    notify("FDSTOREREMOVE=1\\nFDNAME=cache")
                notify("READY=1")
                obey()
                """))
        #expect(try service.says("[1.0] names ['4433']"))
        #expect(try service.upgrade())
        #expect(try service.says("[2.0] names ['4433', 'cache', 'stored']"))
        #expect(try service.says("[2.0] inherited [b'warm']"))
        #expect(try client().ask(contents("cache")) == "2.0: [b'warm']")
        #expect(try service.upgrade())
        #expect(try service.upgrade())
        #expect(try service.says("[4.0] names ['4433', 'stored']"))
    }

    @Test func anUpgradeLeavesNoDescriptorBehind() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        #expect(try client().ask(store("kept", as: "state")) == "1.0: OK ID=1")
        let folder = "/proc/\(service.process.pid)/fd"
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        let count = try listFolder(folder).count
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try eventually { try listFolder(folder).count <= count })
    }
}
