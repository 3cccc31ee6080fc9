"""tftpd-hpa: a child for each transfer, at a port that the kernel picks."""

import asyncio
import struct

from kit.server import Server, output
from kit.sessions import LIMIT, Broken, Session, SessionLoad, pause
from kit.tally import Tally

ADDRESS = ("127.0.0.1", 6969)
BLOCK = 512
BLOCKS = 60_000


class Answers(asyncio.DatagramProtocol):
    """What comes to a client's socket, and from where."""

    def __init__(self):
        self.queue = asyncio.Queue()

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, peer) -> None:
        self.queue.put_nowait((data, peer))


class Transfer(Session):
    """A read request (RFC 1350); block after block must be the next one's."""

    def __init__(self):
        self.block = 0

    async def open(self) -> bool:
        loop = asyncio.get_running_loop()
        _, self.answers = await loop.create_datagram_endpoint(
            Answers, local_addr=("127.0.0.1", 0))
        return await self.ask(b"\0\1blocks\0octet\0", ADDRESS)

    async def exchange(self) -> bool:
        """Acknowledges a block, which asks for the next."""
        return await self.ask(struct.pack(">HH", 4, self.block), self.peer)

    async def ask(self, request: bytes, peer: tuple) -> bool:
        self.answers.transport.sendto(request, peer)
        try:
            async with asyncio.timeout(LIMIT):
                data, self.peer = await self.answers.queue.get()
        except TimeoutError:
            return False
        self.block += 1
        if data != struct.pack(">HH", 3, self.block) + b"%07d " % self.block * (BLOCK // 8):
            raise Broken("not the next block")
        return True

    async def close(self) -> None:
        if self.block:
            self.answers.transport.sendto(b"\0\5\0\0end\0", self.peer)
        self.answers.transport.close()


class TFTPD(Server):
    load_text = "up to 25 transfers; small files by tftp"
    packages = ["tftpd-hpa", "tftp-hpa"]
    listen = [f"udp://{ADDRESS[0]}:{ADDRESS[1]}"]
    # Ports that the kernel has picked are not seen as sessions. The old process is stopped so much
    # later than it gets no more requests: longer than a transfer lasts, which is the whole run here.
    options = ["--linger", "2min"]

    def version(self) -> str:
        return "tftpd-hpa " + output("in.tftpd", "-V").split()[1].rstrip(",")

    def prepare(self) -> None:
        files = self.folder / "files"
        files.mkdir()
        (files / "small").write_text("small\n")
        (files / "blocks").write_bytes(
            b"".join(b"%07d " % number * (BLOCK // 8) for number in range(1, BLOCKS)))

    def command(self) -> list[str]:
        # It finds no address where loopback is all there is, and binds the wildcard.
        return ["in.tftpd", "--foreground", "--ipv4", "--address", f":{ADDRESS[1]}", "--user",
                "root", "--secure", f"{self.folder}/files"]

    async def fetch(self) -> bool:
        """A small file by the real client, which asks twice at most."""
        process = await asyncio.create_subprocess_exec(
            "tftp", "-m", "octet", ADDRESS[0], str(ADDRESS[1]), "-c", "get", "small", "/dev/stdout",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
        try:
            async with asyncio.timeout(LIMIT):
                text, _ = await process.communicate()
                return b"small\n" in text
        except TimeoutError:
            process.kill()
            await process.wait()
            return False

    async def probe(self) -> bool:
        return await self.fetch()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(SessionLoad(Transfer, lasting=4, every=0.5).run(tally, stop))
            group.create_task(self.fetches(tally, stop))

    async def fetches(self, tally: Tally, stop: asyncio.Event) -> None:
        """A new client for every small file."""
        while not stop.is_set():
            tally.answered() if await self.fetch() else tally.fail("file not got")
            await pause(stop, 0.2)


SERVER = TFTPD
