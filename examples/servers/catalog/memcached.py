"""memcached over UDP and TCP: what a client has stored is in the process that it talks to."""

import asyncio
import random
import struct

from kit.datagrams import Asker
from kit.server import Server, output
from kit.sessions import LIMIT, Broken, Session, SessionLoad
from kit.tally import Tally

ADDRESS = ("127.0.0.1", 11211)


class Store(Session):
    """Stores a number under a name of its own, and finds it again."""

    def __init__(self):
        self.name = f"n{random.getrandbits(64):x}"
        self.sent = 0

    async def open(self) -> bool:
        return await self.connect() and await self.store()

    async def store(self) -> bool:
        self.value = b"%d" % self.sent
        answer = await self.command(
            b"set %s 0 0 %d\r\n%s" % (self.name.encode(), len(self.value), self.value))
        return answer == b"STORED\r\n"

    async def exchange(self) -> bool:
        self.sent += 1
        if self.sent % 10 == 0:
            return await self.store()
        answer = await self.command(b"get " + self.name.encode())
        if answer == b"END\r\n":
            raise Broken("what was stored is gone")
        return answer is not None and answer.split(b"\r\n")[1] == self.value

    async def connect(self) -> bool:
        self.asker = await Asker.to(ADDRESS, lambda data: data[:2])
        return True

    async def command(self, text: bytes) -> bytes | None:
        """One request behind the header of the UDP protocol: a number, and the first of one part."""
        number = struct.pack(">H", self.sent % 65536)
        answer = await self.asker.ask(number, number + b"\0\0\0\1\0\0" + text + b"\r\n", LIMIT)
        return None if answer is None else answer[8:]

    async def close(self) -> None:
        self.asker.close()


class StoreOverTCP(Store):
    """The same on a connection."""

    writer: asyncio.StreamWriter | None = None

    async def connect(self) -> bool:
        try:
            self.reader, self.writer = await asyncio.open_connection(*ADDRESS)
        except OSError:
            return False
        return True

    async def command(self, text: bytes) -> bytes | None:
        try:
            async with asyncio.timeout(LIMIT):
                self.writer.write(text + b"\r\n")
                answer = await self.reader.readuntil(b"\n")
                while answer.startswith(b"VALUE") and not answer.endswith(b"END\r\n"):
                    answer += await self.reader.readuntil(b"\n")
        except TimeoutError:
            return None
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Broken("the TCP connection was ended") from error
        return answer

    async def close(self) -> None:
        if self.writer:
            self.writer.close()


class Memcached(Server):
    load_text = "up to 30 clients that store and find again; some over TCP"
    packages = ["memcached"]
    listen = [f"udp://{ADDRESS[0]}:{ADDRESS[1]}", f"tcp://{ADDRESS[0]}:{ADDRESS[1]}"]
    # Its clients ask every 40 ms: one that is silent for 2 s has gone. New ones find an empty cache,
    # as after any restart.
    options = ["--idle-timeout", "2s"]

    def version(self) -> str:
        return output("memcached", "-V")

    def command(self) -> list[str]:
        return ["memcached", "-u", "root", "-l", ADDRESS[0], "-p", str(ADDRESS[1]), "-U",
                str(ADDRESS[1])]

    async def probe(self) -> bool:
        store = Store()
        try:
            return await store.open()
        finally:
            await store.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(SessionLoad(Store, every=0.4).run(tally, stop))
            group.create_task(
                SessionLoad(StoreOverTCP, lasting=3, every=1.5).run(tally, stop))


SERVER = Memcached
