"""Caddy, a Go program, before a slow backend: HTTP/3 and HTTPS on one port."""

import asyncio
import ssl

from catalog.http3 import HTTP3Server
from kit.server import output
from kit.sessions import LIMIT, Broken, Session, SessionLoad, pause
from kit.tally import Tally

BACKEND = 5901


def paced(seconds: float):
    """A backend that takes so long from one chunk to the next."""
    return lambda reader, writer: backend(reader, writer, seconds)


async def backend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                  pace: float = 0.05) -> None:
    """GET /N: N chunks of 4 KiB, one every 50 ms, or as told."""
    try:
        count = int((await reader.readuntil(b"\r\n\r\n")).split()[1][1:])
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {count * 4096}\r\n"
                     "Connection: close\r\n\r\n".encode())
        for number in range(count):
            writer.write(b"%07d " % number * 512)
            await writer.drain()
            if number < count - 1:
                await asyncio.sleep(pace)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def unverified() -> ssl.SSLContext:
    """TLS with a server whose certificate nobody has signed."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class TLSTransfer(Session):
    """A transfer over TCP in which every chunk must come in its turn, and in time."""

    def __init__(self, address: tuple[str, int], chunks: int = 100_000):
        self.address = address
        self.chunks = chunks
        self.received = 0
        self.writer: asyncio.StreamWriter | None = None

    async def open(self) -> bool:
        try:
            async with asyncio.timeout(LIMIT):
                self.reader, self.writer = await asyncio.open_connection(
                    *self.address, ssl=unverified(), server_hostname="localhost")
                self.writer.write(f"GET /{self.chunks} HTTP/1.1\r\nHost: localhost\r\n"
                                  "Connection: close\r\n\r\n".encode())
                head = await self.reader.readuntil(b"\r\n\r\n")
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            return False
        return head.startswith(b"HTTP/1.1 200")

    async def exchange(self) -> bool:
        try:
            async with asyncio.timeout(LIMIT):
                data = await self.reader.readexactly(4096)
        except TimeoutError:
            return False
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Broken("the TCP connection was ended") from error
        if data != b"%07d " % self.received * 512:
            raise Broken("not the body that was asked for")
        self.received += 1
        return True

    async def close(self) -> None:
        if self.writer:
            self.writer.close()


class Caddy(HTTP3Server):
    load_text = HTTP3Server.load_text + "; both over TCP as well"
    packages = ["caddy", "openssl"]
    address = ("127.0.0.1", 4443)
    listen = ["udp://127.0.0.1:4443", "tcp://127.0.0.1:4443"]
    # As its unit has it: connections that are not finished by then are cut.
    stop_timeout = 5.0
    # Connections over TCP are not waited for by the drain; but Caddy finishes them after its stop
    # signal, if it is given the time.
    options = [*HTTP3Server.options, "--stop-timeout", "2min"]

    def version(self) -> str:
        return f"Caddy {output('caddy', 'version').split()[0].lstrip('v')} (Go), HTTP/3"

    def prepare(self) -> None:
        super().prepare()
        self.write("Caddyfile", f"""
{{
    admin off
    auto_https off
}}
https://localhost:{self.address[1]} {{
    bind {self.address[0]}
    tls {self.folder}/certificate.pem {self.folder}/key.pem
    reverse_proxy 127.0.0.1:{BACKEND} {{
        flush_interval -1
    }}
}}
""")

    def command(self) -> list[str]:
        # It saves its configuration below the one folder and certificates below the other.
        return ["env", f"XDG_CONFIG_HOME={self.folder}", f"XDG_DATA_HOME={self.folder}",
                "caddy", "run", "--adapter", "caddyfile", "--config", f"{self.folder}/Caddyfile"]

    async def helpers(self, stack) -> None:
        server = await asyncio.start_server(paced(self.pace), "127.0.0.1", BACKEND)
        stack.callback(server.close)

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(super().load(tally, stop))
            group.create_task(self.connections(tally, stop))
            group.create_task(SessionLoad(
                lambda: TLSTransfer(self.address), lasting=0, every=1.5, pace=0).run(tally, stop))

    async def connections(self, tally: Tally, stop: asyncio.Event) -> None:
        """A new TCP connection for every small file."""
        running: set[asyncio.Task] = set()
        while not stop.is_set():
            running.add(task := asyncio.create_task(self.connection(tally)))
            task.add_done_callback(running.discard)
            await pause(stop, 0.1)
        await asyncio.gather(*running)

    async def connection(self, tally: Tally) -> None:
        transfer = TLSTransfer(self.address, 1)
        try:
            if await transfer.open() and await transfer.exchange():
                tally.answered()
            else:
                tally.fail("file not got over TCP")
        except Broken as reason:
            tally.fail(str(reason))
        finally:
            await transfer.close()


SERVER = Caddy
