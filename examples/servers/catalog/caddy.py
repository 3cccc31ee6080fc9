"""Caddy, a Go program, before a slow backend: HTTP/3 and HTTPS on one port."""

import asyncio
import ssl

from catalog.http3 import HTTP3Server
from kit.server import output
from kit.sessions import LIMIT, pause
from kit.tally import Tally

BACKEND = 5901


async def backend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """GET /N: N chunks of 4 KiB, one every 50 ms."""
    try:
        count = int((await reader.readuntil(b"\r\n\r\n")).split()[1][1:])
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {count * 4096}\r\n"
                     "Connection: close\r\n\r\n".encode())
        for number in range(count):
            writer.write(b"%07d " % number * 512)
            await writer.drain()
            if number < count - 1:
                await asyncio.sleep(0.05)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


class Caddy(HTTP3Server):
    load_text = HTTP3Server.load_text + ", 10 over TCP"
    packages = ["caddy", "openssl"]
    address = ("127.0.0.1", 4443)
    listen = ["udp://127.0.0.1:4443", "tcp://127.0.0.1:4443"]

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
        server = await asyncio.start_server(backend, "127.0.0.1", BACKEND)
        stack.callback(server.close)

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(super().load(tally, stop))
            group.create_task(self.connections(tally, stop))

    async def connections(self, tally: Tally, stop: asyncio.Event) -> None:
        """A new TCP connection for every small file."""
        running: set[asyncio.Task] = set()
        while not stop.is_set():
            running.add(task := asyncio.create_task(self.connection(tally)))
            task.add_done_callback(running.discard)
            await pause(stop, 0.1)
        await asyncio.gather(*running)

    async def connection(self, tally: Tally) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            async with asyncio.timeout(LIMIT):
                reader, writer = await asyncio.open_connection(
                    *self.address, ssl=context, server_hostname="localhost")
                writer.write(b"GET /1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = await reader.read()
                writer.close()
        except (TimeoutError, OSError) as error:
            return tally.fail(f"HTTPS: {type(error).__name__}")
        if answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"0000000 " * 512):
            tally.answered()
        else:
            tally.fail("HTTPS: another answer")


SERVER = Caddy
