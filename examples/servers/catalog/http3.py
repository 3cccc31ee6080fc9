"""An HTTP/3 server on aioquic, with transfers that go on over every upgrade."""

import asyncio
import subprocess
import sys
from importlib.metadata import version

from kit.server import PROGRAMS, Server
from kit.sessions import SessionLoad, pause
from kit.tally import Tally


class HTTP3Server(Server):
    """A server that gives chunks of 4 KiB, one every 50 ms, to who asks for /COUNT."""

    address = ("127.0.0.1", 4433)
    load_text = "up to 25 transfers; small files, each on a new connection"
    packages = ["openssl"]
    modules = ["aioquic"]
    listen = ["udp://127.0.0.1:4433"]
    # A transfer is never silent for 3 s.
    options = ["--idle-timeout", "3s"]

    def prepare(self) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out",
             "certificate.pem"], cwd=self.folder, check=True, stderr=subprocess.DEVNULL)

    async def probe(self) -> bool:
        return await self.fetch()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        from kit.http3 import Transfer
        transfers = SessionLoad(
            lambda: Transfer(self.address), lasting=4, every=0.5, pace=0)
        async with asyncio.TaskGroup() as group:
            group.create_task(transfers.run(tally, stop))
            group.create_task(self.fetches(tally, stop))

    async def fetches(self, tally: Tally, stop: asyncio.Event) -> None:
        """A new connection for every small file."""
        running: set[asyncio.Task] = set()
        while not stop.is_set():
            running.add(task := asyncio.create_task(self.fetch()))
            task.add_done_callback(running.discard)
            task.add_done_callback(
                lambda task: tally.answered() if task.result() else tally.fail("file not got"))
            await pause(stop, 0.2)
        await asyncio.gather(*running)

    async def fetch(self) -> bool:
        """Connects, gets one chunk, closes."""
        from kit.http3 import Broken, Transfer
        transfer = Transfer(self.address, 1)
        try:
            return await transfer.open() and await transfer.exchange()
        except Broken:
            return False
        finally:
            await transfer.close()


class AioquicServer(HTTP3Server):
    def version(self) -> str:
        return f"HTTP/3 server on aioquic {version('aioquic')}"

    def command(self) -> list[str]:
        return [sys.executable, str(PROGRAMS / "http3_server.py"), str(self.address[1]),
                f"{self.folder}/certificate.pem", f"{self.folder}/key.pem", str(self.pace)]


SERVER = AioquicServer
