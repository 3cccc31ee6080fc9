import Kernel
import TestKit
import Testing

/// WireGuard servers and clients that are not ours: Debian's wireguard-go, each with a tunnel device of its own.
struct WireGuardProgram {
    let folder: TemporaryFolder
    /// What the names of devices begin with: wireguard-go's control sockets are the whole machine's.
    let prefix: String
    private let clients: Int

    /// Makes the keys, and the configuration that all servers have.
    init(clients: Int, port: UInt16) throws {
        folder = try TemporaryFolder()
        prefix = "rv" + String(UInt32.random(in: 0 ... .max), radix: 36)
        self.clients = clients
        var peers = ""
        let server = try Self.keys()
        for client in 1...clients {
            let keys = try Self.keys()
            peers += "[Peer]\nPublicKey = \(keys.shown)\nAllowedIPs = 10.8.\(client).0/24\n"
            try writeFile(
                folder.file("client\(client)"),
                Array(
                    """
                    [Interface]
                    PrivateKey = \(keys.secret)
                    [Peer]
                    PublicKey = \(server.shown)
                    AllowedIPs = 10.8.\(client).0/24
                    Endpoint = 127.0.0.1:\(Self.relayPort(of: client))

                    """.utf8))
        }
        let interface = "[Interface]\nPrivateKey = \(server.secret)\nListenPort = \(port)\n"
        try writeFile(folder.file("server"), Array((interface + peers).utf8))
    }

    /// A server that knows nothing of Relevo: it binds its port when its device is up.
    var server: [String] {
        ["sh", "-c", Self.start("\(prefix)g$RELEVO_GENERATION", folder.file("server"))]
    }

    /// Runs clients through upgrades, one more after each, and tells what became of them, a line each.
    func clients(of service: Service, at port: UInt16) throws -> Finished {
        try Finished.running(
            [
                PythonWorker.interpreter, "-c", Self.clientText, try Programs.path("relevo"),
                service.control,
                "\(port)", prefix, "\(clients)",
                Self.start("$1", folder.file("client") + "$2"),
            ], within: .seconds(120))
    }

    static func relayPort(of client: Int) -> Int { 41_000 + client }

    private static func keys() throws -> (secret: String, shown: String) {
        let made = try Finished.running([
            "sh", "-c", "key=$(wg genkey) && echo $key && echo $key | wg pubkey",
        ])
        try #require(made.output.count == 2, "\(made)")
        return (made.output[0], made.output[1])
    }

    /// As wg-quick does it: the program, then its configuration over its own socket.
    private static func start(_ device: String, _ file: String) -> String {
        """
        (until wg setconf \(device) \(file); do sleep 0.02; done; ip link set \(device) up) \
        2>/dev/null & exec wireguard-go -f \(device)
        """
    }

    private static let clientText = """
        import select, socket, subprocess, sys, threading, time
        relevo, control, port, prefix, count, start = sys.argv[1:]

        class Client:
            "A client behind a translator, which passes its datagrams on from a port of its own."
            def __init__(self, number):
                self.number, self.device = number, f"{prefix}c{number}"
                self.front, self.back = (
                    socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
                self.front.bind(("127.0.0.1", 41000 + number))
                self.back.bind(("127.0.0.1", 0))
                threading.Thread(target=self.relay, daemon=True).start()
                self.program = subprocess.Popen(
                    ["sh", "-c", start, "sh", self.device, str(number)],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                until(lambda: subprocess.run(
                    ["ip", "address", "add", f"10.8.{number}.2/24", "dev", self.device],
                    stderr=subprocess.DEVNULL).returncode == 0)
                self.inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                self.inner.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.device.encode())
                # The device is there before its configuration is.
                until(lambda: self.public_key() != "(none)")
                self.key = self.public_key()

            def public_key(self):
                return said("wg", "show", self.device, "public-key")

            def relay(self):
                client = None
                while True:
                    for one in select.select([self.front, self.back], [], [])[0]:
                        if one is self.front:
                            data, client = one.recvfrom(65536)
                            self.back.sendto(data, ("127.0.0.1", int(port)))
                        elif client:
                            self.front.sendto(one.recv(65536), client)

            def rebind(self):
                "As a translator does that has forgotten: another port."
                old, new = self.back, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                new.bind(("127.0.0.1", 0))
                self.back = new
                # The relay waits for what there was.
                old.sendto(b"", old.getsockname())

            def heard(self, generations):
                "How much each generation has decrypted of what came from here."
                return [self.received(generation) for generation in range(1, generations + 1)]

            def received(self, generation):
                for line in said("wg", "show", f"{prefix}g{generation}", "transfer").splitlines():
                    key, received, _ = line.split()
                    if key == self.key:
                        return int(received)
                return 0

            def serving(self, generations):
                "The generations that decrypt what is sent now: more than what may be on its way still."
                before = self.heard(generations)
                def serve():
                    return [at + 1 for at, (old, new) in enumerate(
                        zip(before, self.heard(generations))) if new - old > 1500]
                def grown():
                    try:
                        self.inner.sendto(bytes(100), (f"10.8.{self.number}.1", 9))
                    except OSError:
                        pass  # The device is not up yet.
                    return serve()
                until(grown)
                return serve()

        def said(*command):
            return subprocess.run(command, capture_output=True, text=True).stdout.strip()

        def until(holds):
            # Before a client of WireGuard would begin a new session (15 s).
            end = time.monotonic() + 10
            while not holds() and time.monotonic() < end:
                time.sleep(0.02)

        clients = []
        for generation in range(1, int(count) + 1):
            if generation > 1:
                upgrade = subprocess.run(
                    [relevo, "upgrade", "--control", control], stdout=subprocess.DEVNULL)
                print("upgrade", upgrade.returncode, flush=True)
            client = Client(generation)
            print("opened in", client.serving(generation), flush=True)
            clients.append(client)
            for one in clients:
                one.rebind()
            print("kept in", [one.serving(generation) for one in clients], flush=True)
        for one in clients:
            one.program.terminate()
            one.program.wait()
        """
}
