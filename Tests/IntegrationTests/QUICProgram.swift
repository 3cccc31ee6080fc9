import ControlProtocol
import Kernel
import TestKit
import Testing

/// A QUIC server and its clients that are not ours: the package `aioquic` from PyPI.
enum QUICProgram {
    /// A server that knows nothing of Relevo: it binds its address and answers each message on a
    /// stream with its generation.
    static func server(in folder: TemporaryFolder, at port: UInt16) throws -> [String] {
        [
            try #require(VarlinkProgram.interpreter), "-c", prelude + serverText,
            folder.file("certificate"), "\(port)",
        ]
    }

    /// Runs clients through upgrades and tells what became of them, a line each.
    static func clients(of service: Service, at port: UInt16, upgrades: Int) throws -> Finished {
        try Finished.running([
            try #require(VarlinkProgram.interpreter), "-c", prelude + clientText,
            try Programs.path("relevo"), service.control, "\(port)", "\(upgrades)",
        ])
    }

    /// Clients of a server whose ids say whose they are change address and id at once, over upgrades.
    static func expectWholeMigrations(of service: Service, by python: String) throws {
        let upgrades = 3
        let clients = try Finished.running([
            python, example("clients.py"), "4433", "\(upgrades)",
            try Programs.path("relevo"), "upgrade", "--control", service.control,
        ])
        var expected = ["opened at generation 1"]
        for generation in 2...upgrades + 1 {
            expected += [
                "upgrade 0", "opened at generation \(generation)",
                "to another port: 16 of 16 whole", "to another network: 16 of 16 whole",
            ]
        }
        expected.append("\(8 * (upgrades + 1)) connections, 0 migrations broken")
        #expect(clients.output == expected, "\(clients)")
        let rules = try #require(try service.status().listeners.first?.counters.rules)
        #expect(rules.owner >= 32 * upgrades, "\(rules)")
        #expect(rules.hinted + rules.guessed == 0, "\(rules)")
    }

    /// Makes a key and a certificate of it, which the clients do not look at.
    static func makeCertificate(in folder: TemporaryFolder) throws {
        let made = try Finished.running([
            try #require(VarlinkProgram.interpreter), "-c", certificateText,
            folder.file("certificate"),
        ])
        #expect(made.output == ["made"], "\(made)")
    }

    /// A file of the example with ids that say whose they are.
    static func example(_ name: String) -> String {
        String(#filePath.dropLast("Tests/IntegrationTests/QUICProgram.swift".utf8.count))
            + "examples/quic-server/" + name
    }

    private static let prelude = """
        import asyncio, os, ssl, subprocess, sys
        from aioquic.asyncio import QuicConnectionProtocol, connect, serve
        from aioquic.quic.configuration import QuicConfiguration
        from aioquic.quic.events import ConnectionTerminated, StreamDataReceived


        """

    private static let certificateText = """
        import datetime, sys
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "test")])
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - day).not_valid_after(now + day)
            .sign(key, hashes.SHA256()))
        with open(sys.argv[1], "wb") as file:
            file.write(key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()))
            file.write(made.public_bytes(serialization.Encoding.PEM))
        print("made")
        """

    private static let serverText = """
        generation = os.environ["RELEVO_GENERATION"].encode()

        class Answering(QuicConnectionProtocol):
            def quic_event_received(self, event):
                if isinstance(event, StreamDataReceived):
                    self._quic.send_stream_data(event.stream_id, generation, end_stream=True)
                    self.transmit()

        async def main():
            configuration = QuicConfiguration(is_client=False)
            configuration.load_cert_chain(sys.argv[1], sys.argv[1])
            await serve(
                "127.0.0.1", int(sys.argv[2]), configuration=configuration,
                create_protocol=Answering)
            await asyncio.Future()

        asyncio.run(main())
        """

    private static let clientText = """
        relevo, control, port, upgrades = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
        at_once = 8
        used = set()

        class Client:
            def __init__(self):
                self.context = connect(
                    "127.0.0.1", port,
                    configuration=QuicConfiguration(verify_mode=ssl.CERT_NONE, idle_timeout=60))
                self.generation = None

            async def open(self):
                self.protocol = await self.context.__aenter__()
                used.add(self.port(self.protocol._transport))
                self.generation = await self.ask()
                return self.generation

            async def ask(self):
                reader, writer = await self.protocol.create_stream()
                writer.write(b"who")
                writer.write_eof()
                return (await asyncio.wait_for(reader.read(), 20)).decode()

            async def rebind(self):
                "As a translator does that has forgotten: another port, the same connection id."
                loop, old = asyncio.get_running_loop(), self.protocol._transport
                mark, taken = self.mark(old), []
                while True:
                    new, _ = await loop.create_datagram_endpoint(
                        asyncio.DatagramProtocol, local_addr=("::", 0))
                    taken.append(new)
                    # One port in 256 is noticed to be another one only some seconds later. One that another
                    # connection has just had may be taken for that one's, by an id that is new as well.
                    if self.mark(new) != mark and self.port(new) not in used:
                        break
                port = self.port(new)
                used.add(port)
                for one in taken:
                    one.abort()
                await asyncio.sleep(0)
                await loop.create_datagram_endpoint(lambda: self.protocol, local_addr=("::", port))
                old.close()

            def port(self, transport):
                return transport.get_extra_info("sockname")[1]

            def mark(self, transport):
                port = self.port(transport)
                return port & 0xff ^ port >> 8

            async def keeps(self, rotates, rebinds):
                try:
                    if rotates:
                        self.protocol.change_connection_id()
                        if await self.ask() != self.generation:
                            return False
                    if rebinds:
                        await self.rebind()
                    return await self.ask() == self.generation
                except (ConnectionError, asyncio.TimeoutError):
                    return False

        async def main():
            clients = []
            for generation in range(1, upgrades + 2):
                if generation > 1:
                    upgrade = await asyncio.create_subprocess_exec(
                        relevo, "upgrade", "--control", control, stdout=subprocess.DEVNULL)
                    print("upgrade", await upgrade.wait(), flush=True)
                new = [Client() for _ in range(at_once)]
                opened = await asyncio.gather(*(client.open() for client in new))
                print("opened", sum(one == str(generation) for one in opened), "of", at_once, flush=True)
                clients += new
                for rotates, rebinds in [(False, True), (True, True)]:
                    kept = await asyncio.gather(
                        *(client.keeps(rotates, rebinds) for client in clients))
                    print("kept", sum(kept), "of", len(clients), flush=True)
            os._exit(0)

        asyncio.run(main())
        """
}
