import Glibc
import Kernel
import SystemPackage
import TestKit
import Testing

/// Children whose calls of bind(2) are answered by the test.
@Suite(.leavesNoDescriptors) struct InterceptionTests {
    /// A child with its notifier.
    private final class Intercepted {
        let child: ChildProcess
        let calls: CallNotifier
        private let output: OwnedDescriptor

        /// - Parameter program: in Python.
        convenience init(_ program: String, identity: ProcessIdentity? = nil) throws {
            try self.init(
                [
                    try resolveExecutable("python3", path: "/usr/bin:/bin"), "-c",
                    "import socket, os, threading\n" + program,
                ], identity: identity)
        }

        init(_ command: [String], identity: ProcessIdentity? = nil) throws {
            var plan = SpawnPlan(
                executable: command[0], arguments: command, environment: Environment.strings())
            plan.interceptsBind = true
            plan.identity = identity
            var pipe = try Pipe()
            output = pipe.takeReader()
            var descriptors = DescriptorPlan()
            try descriptors.place(pipe.takeWriter(), at: 1)
            var interception = Interception.off
            child = try ChildProcess.spawn(
                plan, descriptors: descriptors, interception: &interception)
            switch consume interception {
            case .on(let notifier): calls = notifier
            case .off: throw KernelError("seccomp", .notSupported)
            case .refused(let reason): throw KernelError("seccomp", Errno(rawValue: reason))
            }
        }

        deinit {
            _ = try? child.signal(SIGKILL)
            _ = try? child.waitForExit()
        }

        /// The next call that waits.
        func call() throws -> CallNotice {
            #expect(try calls.wait(for: .readable, within: .seconds(20)))
            return try #require(try calls.next())
        }

        func isWaiting(_ call: CallNotice) -> Bool { calls.isWaiting(call) }

        /// What it printed, once it has ended.
        func printed() throws -> String {
            #expect(try child.wait(for: .readable, within: .seconds(20)))
            return String(decoding: try output.read(upTo: 4096) ?? [], as: UTF8.self)
        }
    }

    private static let bindTwice = """
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 4711))
        print(s.getsockname()[1], os.get_inheritable(s.fileno()))
        """

    @Test func theCallTellsItsDescriptorAndAddress() throws {
        let worker = try Intercepted(Self.bindTwice)
        let call = try worker.call()
        let request = try #require(try call.bindRequest())
        #expect(request.address == .ipv4(0x7F00_0001, port: 4711))
        let process = try ProcessHandle(opening: worker.child.pid)
        let facts = try SocketFacts(of: try process.descriptor(at: request.descriptor))
        #expect(facts.kind == .udp)
        #expect(worker.isWaiting(call))
        try worker.calls.letContinue(call)
        #expect(!worker.isWaiting(call))
        #expect(try worker.printed() == "4711 False\n")
    }

    @Test func aSocketOfOursTakesThePlaceOfTheWorkers() throws {
        let ours = try DatagramSocket.bound(to: .loopback())
        let port = try ours.localAddress().port
        let worker = try Intercepted(Self.bindTwice)
        let call = try worker.call()
        let request = try #require(try call.bindRequest())
        try worker.calls.replace(
            request.descriptor, by: ours, closesOnExec: true, for: call)
        try worker.calls.succeed(call)
        #expect(try worker.printed() == "\(port) False\n")
    }

    @Test func threadsAndForkedChildrenAreAskedForAsWell() throws {
        let worker = try Intercepted(
            """
            def bind(family, address):
                s = socket.socket(family, socket.SOCK_DGRAM)
                s.bind(address)
            t = threading.Thread(target=bind, args=(socket.AF_INET6, ("::1", 4712, 0, 0)))
            t.start()
            t.join()
            if os.fork() == 0:
                bind(socket.AF_INET, ("127.0.0.2", 4713))
                os._exit(0)
            os.wait()
            """)
        let first = try worker.call()
        #expect(try first.bindRequest()?.address == .loopback6(port: 4712))
        #expect(first.thread != worker.child.pid)
        try worker.calls.letContinue(first)
        let second = try worker.call()
        #expect(try second.bindRequest()?.address == .ipv4(0x7F00_0002, port: 4713))
        try worker.calls.letContinue(second)
        #expect(try worker.child.waitForExit() == .code(0))
    }

    @Test(.enabled(if: ProcessIdentity.effectiveUser == 0, "needs root"))
    func aWorkerOfAnotherUserIsAskedForWithoutLosingItsPrivileges() throws {
        let worker = try Intercepted(
            "print(open('/proc/self/status').read().count('NoNewPrivs:\\t0'), os.getuid())",
            identity: ProcessIdentity(uid: 65_534, gid: 65_534))
        #expect(try worker.printed() == "1 65534\n")
    }

    #if arch(x86_64)
        /// Binds through the kernel's entries for 32-bit programs: bind(2), then socketcall(2).
        private static let oldEntries = """
            #include <arpa/inet.h>
            #include <stdio.h>
            #include <sys/mman.h>
            #include <sys/socket.h>

            static long call(long number, long first, long second, long third) {
                long result;
                __asm__ volatile("int $0x80" : "=a"(result)
                    : "a"(number), "b"(first), "c"(second), "d"(third)
                    : "memory", "r8", "r9", "r10", "r11");
                return result;
            }

            int main(void) {
                char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
                struct sockaddr_in *address = (struct sockaddr_in *)low;
                address->sin_family = AF_INET;
                address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                unsigned *arguments = (unsigned *)(low + 64);
                for (int way = 0; way < 2; way++) {
                    int made = socket(AF_INET, SOCK_DGRAM, 0);
                    address->sin_port = htons(4720 + way);
                    arguments[0] = made;
                    arguments[1] = (unsigned)(long)low;
                    arguments[2] = sizeof *address;
                    long result = way == 0 ? call(361, made, (long)low, sizeof *address)
                                           : call(102, 2, (long)arguments, 0);
                    printf("%ld\\n", result);
                }
                return 0;
            }
            """

        @Test(.enabled(if: hasCompiler(), "needs clang"))
        func theEntriesOf32BitProgramsAreNotMissed() throws {
            let folder = try TemporaryFolder()
            try writeFile(folder.file("old.c"), Array(Self.oldEntries.utf8), mode: 0o600)
            let compiler = try TestProcess(
                ["clang", "-O1", "-o", folder.file("old"), folder.file("old.c")])
            #expect(try compiler.exit() == .code(0))
            let worker = try Intercepted([folder.file("old")])
            for port: UInt16 in [4720, 4721] {
                let call = try worker.call()
                let request = try call.bindRequest()
                #expect(request?.address == .loopback(port: port))
                let process = try ProcessHandle(opening: worker.child.pid)
                let socket = try process.descriptor(at: try #require(request?.descriptor))
                #expect(try SocketFacts(of: socket).kind == .udp)
                try worker.calls.letContinue(call)
            }
            #expect(try worker.printed() == "0\n0\n")
        }

        private static func hasCompiler() -> Bool {
            (try? resolveExecutable("clang")) != nil
        }
    #endif

    @Test func localSocketsAreNoBusinessOfOurs() throws {
        let worker = try Intercepted(
            """
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind("\\0relevo-test-%d" % os.getpid())
            """)
        let call = try worker.call()
        #expect(try call.bindRequest() == nil)
        try worker.calls.letContinue(call)
        #expect(try worker.child.waitForExit() == .code(0))
    }

    @Test func aCallOfAProcessThatIsGoneWaitsNoMore() throws {
        let worker = try Intercepted(Self.bindTwice)
        let call = try worker.call()
        try worker.child.signal(SIGKILL)
        #expect(try worker.child.waitForExit() == .signal(SIGKILL, dumpedCore: false))
        #expect(!worker.isWaiting(call))
        #expect(throws: KernelError.self) { try worker.calls.letContinue(call) }
        #expect(try worker.calls.next() == nil)
    }

    @Test func aProgramThatCannotBeExecutedSaysSoAsEver() throws {
        var plan = SpawnPlan(executable: "/nonesuch", arguments: ["x"], environment: [])
        plan.interceptsBind = true
        let error = #expect(throws: SpawnError.self) {
            var interception = Interception.off
            _ = try ChildProcess.spawn(
                plan, descriptors: DescriptorPlan(), interception: &interception)
        }
        #expect(error?.step == .exec)
    }

    @Test func optionsFlagsAndBuffersAreCarriedOver() throws {
        let theirs = try DatagramSocket(
            for: .loopback(),
            options: DatagramSocketOptions(
                reusePort: false, reuseAddress: true, receiveBuffer: 300_000))
        let ours = try DatagramSocket.bound(to: .loopback())
        theirs.withRaw { number in
            var (on, tos, priority) = (Int32(1), Int32(0x10), Int32(5))
            let size = socklen_t(MemoryLayout<Int32>.size)
            _ = unsafe setsockopt(number, Int32(IPPROTO_IP), IP_PKTINFO, &on, size)
            _ = unsafe setsockopt(number, Int32(IPPROTO_IP), IP_TOS, &tos, size)
            // The type of service sets it as well, so that the order counts.
            _ = unsafe setsockopt(number, SOL_SOCKET, SO_PRIORITY, &priority, size)
        }
        try theirs.setNonBlocking(true)
        #expect(carryOptions(from: theirs, to: ours) == [])
        let values = ours.withRaw { number in
            [
                (IP_PKTINFO, Int32(IPPROTO_IP)), (IP_TOS, Int32(IPPROTO_IP)),
                (SO_REUSEADDR, SOL_SOCKET), (SO_PRIORITY, SOL_SOCKET),
            ]
            .map { name, level in
                var (value, size) = (Int32(-1), socklen_t(MemoryLayout<Int32>.size))
                _ = unsafe getsockopt(number, level, name, &value, &size)
                return value
            }
        }
        #expect(values == [1, 0x10, 1, 5])
        #expect(try SocketFacts(of: ours).isNonBlocking)
        #expect(try ours.receiveBuffer() >= 300_000)
        #expect(carryOptions(from: theirs, to: ours) == [])
    }
}
