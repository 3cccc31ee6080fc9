import ControlProtocol
import Kernel
import TestKit
import Testing

/// Processes that have something of the service and come from no worker that runs.
@Suite(.ownNetwork, .needsRoot)
struct StrayTests {
    private static let address = SocketAddress.loopback(port: 4433)

    /// A service whose second generation drains as long as a session lives: it is looked at each second.
    private func draining(_ body: (Service) throws -> Void) throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--idle-timeout", "5m"],
            command: PythonWorker.command("serve()"))
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        let session = try Question(to: Self.address)
        for _ in 0..<3 { #expect(try session.ask() != nil) }
        #expect(try service.relevo("upgrade").exit == .code(0))
        try body(service)
        #expect(try session.ask()?.hasPrefix("2.0 on") == true)
    }

    @Test func whatAnEndedWorkerHasLeftIsEndedWhenItIsSeen() throws {
        try draining { service in
            let notify = service.folder.file("run/notify")
            func process(of worker: String) throws -> TestProcess {
                try TestProcess(
                    ["sleep", "1000"],
                    environment: ["PATH=/usr/bin:/bin", "NOTIFY_SOCKET=\(notify)/\(worker)"])
            }
            // That of a container whose service has the same name and the same path.
            let script = """
                mount -t tmpfs none \(notify) && echo ready && NOTIFY_SOCKET=\(notify)/1.0 exec sleep 1000
                """
            let elsewhere = try TestProcess(["unshare", "-m", "sh", "-c", script])
            #expect(try elsewhere.output.next { $0 == "ready" } != nil)
            // Started first, so that it was seen when the other one is ended.
            let living = try process(of: "2.0")
            let left = try process(of: "1.0")
            #expect(try left.exit() == ProcessExit.signal(9, dumpedCore: false))
            #expect(try service.line(with: "was left by worker 1.0") != nil)
            #expect(try living.exit(within: .zero) == nil)
            #expect(try elsewhere.exit(within: .zero) == nil)
        }
    }

    @Test func aStrangeProcessWithAWorkersSocketIsAProblemAsLongAsItHasIt() throws {
        try draining { service in
            #expect(try service.relevo("status", "--check").exit == .code(0))
            let worker = try #require(try service.worker())
            var plan = DescriptorPlan()
            try plan.place(try ProcessHandle(opening: worker).descriptor(at: 3), at: 3)
            let other = try TestProcess(["sleep", "1000"], descriptors: plan)
            func problems(_ status: ServiceStatus) -> [String] {
                status.listeners.flatMap { $0.problems ?? [] }
            }
            let isTold = try service.eventually {
                problems($0).contains {
                    $0.contains("process \(other.pid), is none of its worker's")
                }
            }
            #expect(isTold)
            #expect(try service.relevo("status", "--check").exit == .code(1))
            // Whose it is nobody knows.
            #expect(try other.exit(within: .zero) == nil)
            try other.signal(SignalNumber.kill)
            _ = try other.exit()
            #expect(try service.eventually { problems($0).isEmpty })
        }
    }

    /// Nothing tells whose it is, and it has no socket of a worker's: it may be of one that runs.
    @Test func aHelperWithoutANameOutlivesTheEndOfAnotherWorker() throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--workers", "2"],
            command: PythonWorker.command(
                """
                if os.fork() == 0:
                    os.setsid()
                    helper = os.fork()
                    if helper:
                        print("helper", me, helper, flush=True)
                        os._exit(0)
                    os.closerange(3, 1024)
                    os.execve("/bin/sleep", ["sleep", "1000"], {})
                os.wait()
                serve()
                """))
        func helper(of worker: String) throws -> ProcessHandle {
            let line = try #require(try service.line(with: "helper \(worker) "))
            let pid = try #require(line.split(separator: " ").last.flatMap { Int32($0) })
            return try ProcessHandle(opening: pid)
        }
        let first = try helper(of: "1.0")
        let second = try helper(of: "1.1")
        try service.signal(SignalNumber.kill, worker: 0, of: 1)
        #expect(try service.restarted())
        #expect(try !second.wait(for: .readable, within: .zero))
        _ = try first.signal(SignalNumber.kill)
        _ = try second.signal(SignalNumber.kill)
    }
}
