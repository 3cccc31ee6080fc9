import ControlProtocol
import TestKit
import Testing

/// Streams of real SRT programs over upgrades. Their clients keep their address: libsrt itself drops what comes for
/// a session from another one.
@Suite(
    .ownNetwork, .needsRoot, .needsFlowSteering,
    .needsProgram("srt-live-transmit", in: "srt-tools"))
struct SRTTests {
    @Test func streamsStayWithTheirProcessAndNewOnesGoToTheNewest() throws {
        let folder = try TemporaryFolder()
        let server =
            "exec srt-live-transmit -q 'srt://127.0.0.1:4300?mode=listener' file://con "
            + "> \(folder.path)/out$RELEVO_GENERATION"
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4300", "--steering", "srt", "--linger", "20ms"],
            command: ["sh", "-c", server])
        let clients = try Finished.running([
            PythonWorker.interpreter, "-c", Self.clients, try Programs.path("relevo"),
            service.control, folder.path, "4300", "3",
        ])
        #expect(
            clients.output == [
                "served by [1]", "upgrade 0", "served by [1, 2]", "upgrade 0",
                "served by [1, 2, 3]", "ended 0",
            ], "\(clients)")
        let rules = try #require(try service.status().listeners.first?.counters.rules)
        #expect(rules.learned == 3, "\(rules)")
    }

    private static let clients = """
        import os, subprocess, sys, threading, time
        relevo, control, folder, port, count = sys.argv[1:]

        class Client:
            "One that sends without end."
            def __init__(self):
                self.program = subprocess.Popen(
                    ["srt-live-transmit", "file://con", f"srt://127.0.0.1:{port}"],
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                threading.Thread(target=self.feed, daemon=True).start()

            def feed(self):
                try:
                    while True:
                        self.program.stdin.write(bytes(1316))
                        self.program.stdin.flush()
                        time.sleep(0.01)
                except OSError:
                    pass

        def received(generation):
            "How much a generation has given on."
            try:
                return os.path.getsize(f"{folder}/out{generation}")
            except OSError:
                return 0

        def until(holds):
            end = time.monotonic() + 10
            while not holds() and time.monotonic() < end:
                time.sleep(0.02)

        def serving(generations):
            "The generations that get what is sent from now on: more than what may be on its way still."
            before = [received(each) for each in range(1, generations + 1)]
            def serve():
                return [at + 1 for at, old in enumerate(before) if received(at + 1) - old > 100_000]
            until(lambda: len(serve()) == generations)
            return serve()

        clients = []
        for generation in range(1, int(count) + 1):
            if generation > 1:
                upgrade = subprocess.run([relevo, "upgrade", "--control", control], stdout=subprocess.DEVNULL)
                print("upgrade", upgrade.returncode, flush=True)
            clients.append(Client())
            print("served by", serving(generation), flush=True)
        print("ended", sum(each.program.poll() is not None for each in clients))
        for each in clients:
            each.program.kill()
        os._exit(0)
        """
}
