import Kernel
import TestKit
import Testing

/// Nebula servers and clients that are not ours: Debian's nebula, each with a tunnel device of its own.
struct NebulaProgram {
    let folder: TemporaryFolder
    private let clients: Int
    private let port: UInt16

    /// Makes the certificates and the configurations.
    init(clients: Int, port: UInt16) throws {
        folder = try TemporaryFolder()
        self.clients = clients
        self.port = port
        let made = try run("prepare", "-")
        #expect(made.exit == .code(0), "\(made)")
    }

    /// A server that knows nothing of Relevo: it binds its port. A generation has a device of its own.
    var server: [String] {
        ["sh", "-c", "exec nebula -config \(folder.path)/server$RELEVO_GENERATION.yml"]
    }

    /// Runs clients through upgrades, one more after each, and tells what became of them, a line each.
    func clients(of service: Service) throws -> Finished {
        try run(try Programs.path("relevo"), service.control)
    }

    private func run(_ relevo: String, _ control: String) throws -> Finished {
        try Finished.running(
            [
                PythonWorker.interpreter, "-c", Self.text, relevo, control, folder.path, "\(port)",
                "\(clients)",
            ], within: .seconds(120))
    }

    private static let text = """
        import os, select, socket, subprocess, sys, threading, time
        relevo, control, folder, port, count = sys.argv[1:]
        port = int(port)

        class Client:
            "A client behind a translator, which passes its datagrams on from a port of its own."
            def __init__(self, number):
                self.number, self.device = number, f"c{number}"
                self.front, self.back = (
                    socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
                self.front.bind(("127.0.0.1", 41000 + number))
                self.back.bind(("127.0.0.1", 0))
                threading.Thread(target=self.relay, daemon=True).start()
                self.program = subprocess.Popen(
                    ["nebula", "-config", f"{folder}/client{number}.yml"],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                until(self.has_device)

            def has_device(self):
                try:
                    self.inner.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.device.encode())
                    return True
                except OSError:
                    return False

            def relay(self):
                client = None
                while True:
                    for one in select.select([self.front, self.back], [], [])[0]:
                        if one is self.front:
                            data, client = one.recvfrom(65536)
                            self.back.sendto(data, ("127.0.0.1", port))
                        elif client:
                            self.front.sendto(one.recv(65536), client)

            def rebind(self):
                "As a translator does that has forgotten: another port."
                old, new = self.back, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                new.bind(("127.0.0.1", 0))
                self.back = new
                # The relay waits for what there was.
                old.sendto(b"", old.getsockname())

            def serving(self, generations):
                "The generations that decrypt what is sent now: what may be on its way still is less."
                before = [received(each) for each in range(1, generations + 1)]
                def serve():
                    return [at + 1 for at, old in enumerate(before) if received(at + 1) - old > 5000]
                def grown():
                    try:
                        self.inner.sendto(bytes(1000), ("10.9.0.1", 9))
                    except OSError:
                        pass  # The device is not up yet.
                    return serve()
                until(grown)
                return serve()

        def received(generation):
            "How much a generation has decrypted and given to its device."
            with open("/proc/net/dev") as file:
                for line in file:
                    name, _, figures = line.partition(":")
                    if name.strip() == f"g{generation}":
                        return int(figures.split()[0])
            return 0

        def until(holds):
            end = time.monotonic() + 10
            while not holds() and time.monotonic() < end:
                time.sleep(0.02)

        def configure(name, device, host, other, is_server):
            with open(f"{folder}/{name}.yml", "w") as file:
                file.write(f'''
        pki: {{ca: {folder}/ca.crt, cert: {folder}/{host}.crt, key: {folder}/{host}.key}}
        static_host_map: {{"10.9.0.1": ["127.0.0.1:{other}"]}}
        lighthouse: {{am_lighthouse: {"true" if is_server else "false"}, interval: 60, hosts: [{"" if is_server else '"10.9.0.1"'}]}}
        listen: {{host: 127.0.0.1, port: {port if is_server else 0}}}
        punchy: {{punch: false}}
        tun: {{disabled: false, dev: {device}, mtu: 1300}}
        firewall: {{outbound: [{{port: any, proto: any, host: any}}], inbound: [{{port: any, proto: any, host: any}}]}}
        ''')

        def certify(*arguments):
            subprocess.run(["nebula-cert", *arguments], cwd=folder, check=True)

        if relevo == "prepare":
            certify("ca", "-name", "test")
            certify("sign", "-name", "server", "-ip", "10.9.0.1/24")
            for generation in range(1, int(count) + 1):
                configure(f"server{generation}", f"g{generation}", "server", port, True)
                certify("sign", "-name", f"client{generation}", "-ip", f"10.9.0.{generation + 1}/24")
                configure(f"client{generation}", f"c{generation}", f"client{generation}", 41000 + generation, False)
            sys.exit()

        clients = []
        for generation in range(1, int(count) + 1):
            if generation > 1:
                upgrade = subprocess.run([relevo, "upgrade", "--control", control], stdout=subprocess.DEVNULL)
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
        os._exit(0)
        """
}
