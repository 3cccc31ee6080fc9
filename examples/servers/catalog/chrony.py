"""chronyd as an NTP server that leaves the clock alone."""

import asyncio
import os
import struct

from kit.datagrams import Asker
from kit.server import Server, output
from kit.sessions import LIMIT, pause
from kit.tally import Tally

ADDRESS = ("127.0.0.1", 1123)


class Chrony(Server):
    load_text = "requests, each from a port of its own"
    packages = ["chrony"]
    listen = [f"udp://{ADDRESS[0]}:{ADDRESS[1]}"]
    # Every request stands for itself.
    options = ["--steering", "stateless"]
    drains = True
    gap = 3.0

    def version(self) -> str:
        return "chrony " + output("chronyd", "--version").split("version ")[1].split()[0]

    def prepare(self) -> None:
        # The PID file is a lock: the second process refuses to start while it sees the first one's.
        (self.folder / "private").mkdir()
        self.options = [*self.options, "--private", f"{self.folder}/private"]
        self.write("chrony.conf", f"""
bindaddress {ADDRESS[0]}
port {ADDRESS[1]}
local stratum 8
allow 127.0.0.1
cmdport 0
bindcmdaddress /
pidfile {self.folder}/private/chronyd.pid
""")

    def command(self) -> list[str]:
        return ["chronyd", "-d", "-x", "-u", "root", "-f", f"{self.folder}/chrony.conf"]

    async def probe(self) -> bool:
        return await self.ask()

    async def ask(self) -> bool:
        """One request (RFC 5905); its answer carries our transmit time as its origin."""
        mine = os.urandom(8)
        asker = await Asker.to(ADDRESS, lambda data: data[24:32])
        request = struct.pack(">B39x", 4 << 3 | 3) + mine
        answer = await asker.ask(mine, request, LIMIT)
        asker.close()
        return answer is not None and answer[0] & 7 == 4 and answer[1] == 8

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        running: set[asyncio.Task] = set()

        def count(task: asyncio.Task) -> None:
            running.discard(task)
            tally.answered() if task.result() else tally.fail("no answer")

        while not stop.is_set():
            running.add(task := asyncio.create_task(self.ask()))
            task.add_done_callback(count)
            await pause(stop, 0.005)
        await asyncio.gather(*running)


SERVER = Chrony
