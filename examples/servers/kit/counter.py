"""The load of the programs that count what each client has sent."""

import asyncio

from kit.datagrams import Asker
from kit.server import Server
from kit.sessions import LIMIT, Broken, Session, SessionLoad
from kit.tally import Tally

ADDRESS = ("127.0.0.1", 5600)


class CounterSession(Session):
    """Its server must be one process all the time, and count without a gap."""

    def __init__(self, processes: set[int]):
        self.processes = processes
        self.sent = 0
        self.server: int | None = None
        self.counted = 0

    async def open(self) -> bool:
        self.asker = await Asker.to(ADDRESS, lambda data: int(data.split()[0]))
        return True

    async def exchange(self) -> bool:
        self.sent += 1
        answer = await self.asker.ask(self.sent, b"%d" % self.sent, LIMIT)
        if answer is None:
            return False
        _, server, counted = map(int, answer.split())
        if self.server not in (None, server):
            raise Broken("another process answered")
        self.server = server
        self.processes.add(server)
        if counted != self.counted + 1:
            raise Broken("the count has a gap")
        self.counted = counted
        return True

    async def close(self) -> None:
        self.asker.close()


class CounterServer(Server):
    """A program that remembers how much each client has sent."""

    load_text = "up to 45 sessions"
    listen = [f"udp://{ADDRESS[0]}:{ADDRESS[1]}"]
    # Its clients ask every 40 ms: one that is silent for 2 s has gone.
    options = ["--idle-timeout", "2s"]

    def __init__(self, folder):
        super().__init__(folder)
        self.processes: set[int] = set()

    async def probe(self) -> bool:
        session = CounterSession(set())
        await session.open()
        try:
            return await session.exchange()
        finally:
            await session.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        await SessionLoad(lambda: CounterSession(self.processes), every=0.25).run(tally, stop)

    def check(self, times: int) -> str | None:
        """Every version must have had clients of its own."""
        seen = len(self.processes)
        return None if seen == times + 1 else f"{seen} processes answered, not {times + 1}"
