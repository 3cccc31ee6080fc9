"""An HTTP/3 client on aioquic that takes a body chunk by chunk."""

import asyncio
import ssl
from contextlib import AsyncExitStack

from aioquic.asyncio import QuicConnectionProtocol, connect
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated

from kit.sessions import LIMIT, Broken, Session

CHUNK = 4096


class Client(QuicConnectionProtocol):
    """One connection with one request."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.http = H3Connection(self._quic)
        self.body = asyncio.Queue()
        self.headers = {}

    def get(self, path: str) -> None:
        stream = self._quic.get_next_available_stream_id()
        self.http.send_headers(stream, [
            (b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"localhost"),
            (b":path", path.encode())], end_stream=True)
        self.transmit()

    def quic_event_received(self, event) -> None:
        if isinstance(event, ConnectionTerminated):
            self.body.put_nowait(None)
        for each in self.http.handle_event(event):
            if isinstance(each, HeadersReceived):
                self.headers = dict(each.headers)
            if isinstance(each, DataReceived):
                self.body.put_nowait(each.data)


class Transfer(Session):
    """A transfer in which every chunk must come in its turn, and in time."""

    def __init__(self, address: tuple[str, int], chunks: int = 100_000):
        self.address = address
        self.chunks = chunks
        self.received = 0
        self.rest = b""
        self.stack = AsyncExitStack()

    async def open(self) -> bool:
        configuration = QuicConfiguration(
            is_client=True, alpn_protocols=H3_ALPN, server_name="localhost")
        configuration.verify_mode = ssl.CERT_NONE
        try:
            async with asyncio.timeout(LIMIT):
                self.client = await self.stack.enter_async_context(connect(
                    *self.address, configuration=configuration, create_protocol=Client))
        except (TimeoutError, ConnectionError):
            return False
        self.client.get(f"/{self.chunks}")
        return True

    async def exchange(self) -> bool:
        try:
            async with asyncio.timeout(LIMIT):
                while len(self.rest) < CHUNK:
                    data = await self.client.body.get()
                    if data is None:
                        raise Broken("the connection was ended")
                    self.rest += data
        except TimeoutError:
            return False
        if self.rest[:CHUNK] != b"%07d " % self.received * (CHUNK // 8):
            raise Broken("not the body that was asked for")
        self.rest = self.rest[CHUNK:]
        self.received += 1
        return True

    async def close(self) -> None:
        try:
            async with asyncio.timeout(LIMIT):
                await self.stack.aclose()
        except (TimeoutError, ConnectionError):
            pass
