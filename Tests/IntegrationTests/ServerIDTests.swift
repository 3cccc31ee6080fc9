import ControlProtocol
import TestKit
import Testing

/// A server that knows nothing of Relevo, and takes an id of its own by an option.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering, .needsVarlink)
struct ServerIDTests {
    @Test(arguments: ["1", "2"])
    func connectionsStayWhenTheirClientsChangeAddressAndIdAtOnce(workers: String) throws {
        let folder = try TemporaryFolder()
        try QUICProgram.makeCertificate(in: folder)
        let python = try #require(VarlinkProgram.interpreter)
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--steering", "quic", "--workers", workers,
                "--server-id-length", "4", "--linger", "20ms", "--unknown-ids", "current",
            ],
            command: [
                python, "-c", Self.server, folder.file("certificate"), "--server-id={serverid}",
            ])
        if workers == "2" { try service.succeed() }
        try QUICProgram.expectWholeMigrations(of: service, by: python)
    }

    @Test func aServerIdThatNobodyAskedForIsRefused() throws {
        let service = try Service(
            ["--listen", "udp://127.0.0.1:4433", "--steering", "quic"],
            command: ["/bin/true", "{serverid}"])
        #expect(try service.line(with: "no listener has ServerIdLength=") != nil)
    }

    private static let server = """
        import asyncio, os, sys
        from aioquic.asyncio import QuicConnectionProtocol, serve
        from aioquic.quic import connection
        from aioquic.quic.configuration import QuicConfiguration
        from aioquic.quic.events import StreamDataReceived

        option = sys.argv[2].removeprefix("--server-id=")
        assert option == os.environ["RELEVO_SERVER_ID"], option
        server = bytes.fromhex(option)

        class Ids:
            # No other length is an id's: it stands in the place of the module os there.
            def urandom(self, count):
                own = bytes([11]) + server + os.urandom(7)
                return own if count == len(own) else os.urandom(count)

        connection.os = Ids()
        home = (os.environ["RELEVO_GENERATION"] + "." + os.environ["RELEVO_WORKER"]).encode()

        class Answering(QuicConnectionProtocol):
            def quic_event_received(self, event):
                if isinstance(event, StreamDataReceived) and event.end_stream:
                    self._quic.send_stream_data(event.stream_id, home, end_stream=True)
                    self.transmit()

        async def main():
            configuration = QuicConfiguration(
                is_client=False, connection_id_length=12, idle_timeout=60)
            configuration.load_cert_chain(sys.argv[1], sys.argv[1])
            await serve("127.0.0.1", 4433, configuration=configuration, create_protocol=Answering)
            await asyncio.Future()

        asyncio.run(main())
        """
}
