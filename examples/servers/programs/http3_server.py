"""An HTTP/3 server on aioquic: GET /N answers with N chunks of 4 KiB, one every 50 ms, or as told."""

import asyncio
import os
import signal
import sys

from aioquic.asyncio import QuicConnectionProtocol, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, ProtocolNegotiated


def chunk(number):
    """A chunk that tells its place: its number, again and again."""
    return b"%07d " % number * 512


class HTTP3(QuicConnectionProtocol):
    """One connection."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.http = None
        self.answers = set()

    def quic_event_received(self, event):
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic)
        if isinstance(event, ConnectionTerminated):
            for each in self.answers:
                each.cancel()
        if self.http is not None:
            for done in self.http.handle_event(event):
                if isinstance(done, HeadersReceived):
                    answer = asyncio.ensure_future(self.answer(done.stream_id, dict(done.headers)))
                    self.answers.add(answer)
                    answer.add_done_callback(self.answers.discard)

    async def answer(self, stream, headers):
        self.http.send_headers(stream, [
            (b":status", b"200"), (b"server", b"aioquic"), (b"x-generation", generation)])
        count = int(headers[b":path"][1:])
        for number in range(count):
            self.http.send_data(stream, chunk(number), end_stream=number == count - 1)
            self.transmit()
            if number < count - 1:
                await asyncio.sleep(pace)


async def main(port, certificate, key):
    configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    configuration.load_cert_chain(certificate, key)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = await serve(
        "127.0.0.1", int(port), configuration=configuration, create_protocol=HTTP3)
    await stop.wait()
    server.close()


generation = os.environ.get("RELEVO_GENERATION", "").encode()
pace = float(sys.argv[4]) if len(sys.argv) > 4 else 0.05
asyncio.run(main(*sys.argv[1:4]))
