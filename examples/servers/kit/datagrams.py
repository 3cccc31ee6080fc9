"""A client's socket whose requests wait for the answer that belongs to them."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Self


class Asker(asyncio.DatagramProtocol):
    """Sends requests that carry a key and hands each answer to the request with its key."""

    def __init__(self, key: Callable[[bytes], Hashable]):
        self.key = key
        self.waiting: dict[Hashable, asyncio.Future[bytes]] = {}
        self.refused = 0
        self.transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def to(cls, address: tuple[str, int], key: Callable[[bytes], Hashable]) -> Self:
        """A connected socket of its own, so a 4-tuple of its own."""
        loop = asyncio.get_running_loop()
        _, asker = await loop.create_datagram_endpoint(lambda: cls(key), remote_addr=address)
        return asker

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, peer) -> None:
        waiting = self.waiting.pop(self.key(data), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(data)

    def error_received(self, error: Exception) -> None:
        # The request is not given up: what counts is whether it is answered in time.
        self.refused += 1

    async def ask(self, key: Hashable, request: bytes, limit: float) -> bytes | None:
        """The answer, or nothing when the time is over. A request is sent once."""
        answer = asyncio.get_running_loop().create_future()
        self.waiting[key] = answer
        self.transport.sendto(request)
        try:
            async with asyncio.timeout(limit):
                return await answer
        except TimeoutError:
            return None
        finally:
            self.waiting.pop(key, None)

    def close(self) -> None:
        self.transport.close()


class Replier(asyncio.DatagramProtocol):
    """Answers datagrams with what a function makes of them."""

    def __init__(self, reply: Callable[[bytes, tuple], bytes]):
        self.reply = reply

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, peer) -> None:
        self.transport.sendto(self.reply(data, peer), peer)


async def replier(
    stack, port: int, reply: Callable[[bytes, tuple], bytes], host: str = "127.0.0.1"
) -> None:
    """A server of the test's own, which outlives every restart."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: Replier(reply), local_addr=(host, port))
    stack.callback(transport.close)
