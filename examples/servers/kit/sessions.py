"""Many sessions at once: some as long as the run, others that come and go."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable

from kit.tally import Tally

#: Seconds within which an answer has to come.
LIMIT = 2.5


class Broken(Exception):
    """The server does not know the session any more."""


class Session(ABC):
    """One client's dealings with the server, which hold state there."""

    @abstractmethod
    async def open(self) -> bool:
        """Begins; false when the server did not answer as it should."""

    @abstractmethod
    async def exchange(self) -> bool:
        """One request and its answer; false without an answer in time."""

    @abstractmethod
    async def close(self) -> None:
        """Ends, in the protocol's own way if the session is whole."""


class SessionLoad:
    """Sessions that last the whole run, beside others opened at a steady rate."""

    def __init__(
        self, make: Callable[[], Session], lasting: int = 6, every: float = 0.15,
        length: tuple[float, float] = (0.5, 20.0), pace: float = 0.04,
    ):
        self.make = make
        self.lasting = lasting
        self.every = every
        self.length = length
        self.pace = pace

    async def run(self, tally: Tally, stop: asyncio.Event) -> None:
        """Runs until told to stop."""
        running: set[asyncio.Task] = set()
        for _ in range(self.lasting):
            running.add(asyncio.create_task(self.last(tally, stop)))
        while not stop.is_set():
            task = asyncio.create_task(self.pass_by(tally, stop))
            running.add(task)
            task.add_done_callback(running.discard)
            for ended in [each for each in running if each.done()]:
                await ended
            await pause(stop, self.every)
        await asyncio.gather(*running)

    async def last(self, tally: Tally, stop: asyncio.Event) -> None:
        """A session for the whole run; a broken one is counted and followed by another."""
        while not stop.is_set():
            await self.one(tally, stop, float("inf"))

    async def pass_by(self, tally: Tally, stop: asyncio.Event) -> None:
        await self.one(tally, stop, random.uniform(*self.length))

    async def one(self, tally: Tally, stop: asyncio.Event, seconds: float) -> None:
        """One session from its opening to its end."""
        session = self.make()
        tally.open()
        try:
            if not await session.open():
                raise Broken("could not be opened")
            await hold(session, tally, stop, seconds, self.pace)
        except Broken as reason:
            tally.break_off(str(reason))
        finally:
            await session.close()


class TurnLoad:
    """Sessions with a server that has one client at a time: the next begins when it is let in.

    They last longer than the time from one replacement to the next: if each version has had one,
    there are more of them than one process could have had."""

    def __init__(self, make: Callable[[], Session], length: tuple[float, float] = (9.0, 11.0)):
        self.make = make
        self.length = length
        self.opened = 0

    def check(self, times: int) -> str | None:
        """Whether some version let nobody in."""
        return None if self.opened > times else f"{self.opened} sessions with {times + 1} versions"

    async def run(self, tally: Tally, stop: asyncio.Event) -> None:
        """Runs until told to stop."""
        running: set[asyncio.Task] = set()
        while not stop.is_set():
            session = self.make()
            if await session.open():
                self.opened += 1
                running.add(asyncio.create_task(self.one(session, tally, stop)))
            else:
                # It has a client, or there is no server for a moment.
                await session.close()
            await pause(stop, 0.2)
        await asyncio.gather(*running)

    async def one(self, session: Session, tally: Tally, stop: asyncio.Event) -> None:
        tally.open()
        try:
            await hold(session, tally, stop, random.uniform(*self.length), 0.04)
        except Broken as reason:
            tally.break_off(str(reason))
        finally:
            await session.close()


async def hold(
    session: Session, tally: Tally, stop: asyncio.Event, seconds: float, pace: float
) -> None:
    """Exchanges until the time is over; a session that is silent twice is broken."""
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    unanswered = 0
    while clock() < end and not stop.is_set():
        if await session.exchange():
            tally.answered()
            unanswered = 0
        else:
            tally.fail("no answer")
            unanswered += 1
            if unanswered == 2:
                raise Broken("silence")
        await pause(stop, pace)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Waits, but no longer than the load is to go on."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
