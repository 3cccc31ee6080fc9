"""A worker for asyncio."""
from __future__ import annotations

import asyncio
from types import TracebackType
from typing import AsyncIterator, Sequence

from .codec import packet
from .core import REPEAT_AFTER, Answer, Ask, Core, Flow, Result, drop
from .errors import Unanswered
from .events import Ended, Event, LinkOffer
from .link import Datagram, Link as PlainLink, LinkMessage
from .start import Start
from .worker import failure, storing


class Worker(Core):
    """This process as a worker of a Relevo service, for one event loop.

        async with await Worker.open() as worker:
            socket = worker.socket("echo", or_bind="udp://127.0.0.1:4433")

    What is said of `relevo.Worker` holds for this one.
    """

    @classmethod
    async def open(cls, *, group: str | None = None, workers: int | None = None,
                   command: str | None = None, timeout: float = 30) -> Worker:
        """Finds the supervisor, and waits so long for it to answer."""
        worker = cls(Start.look(), group, workers, command)
        worker._come = asyncio.Event()
        worker._loop = asyncio.get_running_loop()
        worker._loop.add_reader(worker.fileno(), worker._wake)
        try:
            if worker.is_supervised:
                await worker._run(worker._flow_greet(), timeout)
            else:
                worker._adopt_inherited()
        except BaseException:
            worker.close()
            raise
        return worker

    _come: asyncio.Event
    _loop: asyncio.AbstractEventLoop

    def close(self) -> None:
        """Lets go of the channel, and of all sockets that were not taken."""
        if not self._ready.closed:
            self._loop.remove_reader(self.fileno())
        super().close()
        self._come.set()

    async def failed(self, reason: str, timeout: float = 5) -> None:
        """Says that this worker cannot serve, and why; then end the process."""
        if self.is_supervised:
            await self._run(self._flow_done(failure(reason)), timeout)
        else:
            self._owe(packet("FAILED"), f"STATUS={reason}")

    async def leave(self, timeout: float = 30) -> None:
        """Asks to be drained, for a worker that somebody else is about to end."""
        if self.is_supervised:
            await self._run(self._flow_done(packet("LEAVE")), timeout)

    async def store(self, name: str, descriptors: Sequence[int], add: bool = False,
                    timeout: float = 30) -> None:
        """Leaves descriptors with the supervisor for the later workers of this index, in the
        place of what is kept under the name, or with it. They stay the caller's as well."""
        if self.is_supervised:
            await self._run(self._flow_done(storing(name, add), descriptors), timeout)

    async def forget(self, name: str, timeout: float = 30) -> None:
        """Lets go of what is kept under the name."""
        if self.is_supervised:
            await self._run(self._flow_done(packet("FORGET", NAME=name)), timeout)

    async def fetch(self, timeout: float = 30) -> None:
        """Asks again for all that is kept, also by this worker itself, for `take`."""
        if self.is_supervised:
            await self._run(self._flow_fetch(), timeout)

    async def link(self, to: int | str, worker: int | None = None, label: str = "",
                   timeout: float = 30) -> LinkOffer:
        """A link to a worker of another generation: its number, `current`, `older`, `newer`."""
        return await self._run(self._flow_link(to, worker, label), timeout)

    async def events(self) -> AsyncIterator[Event]:
        """What the supervisor says; ends after `Ended`, and when the worker is closed. Have one."""
        while True:
            self._come.clear()
            while not self._ready.closed and self._events:
                event = self._events.popleft()
                yield event
                if isinstance(event, Ended):
                    return
            if self._ready.closed:
                return
            await self._come.wait()

    def _wake(self) -> None:
        self._take_in()
        if self._events:
            self._come.set()
        # The events are in the queue; the descriptor is for what comes next.
        self._lower()

    async def _run(self, flow: Flow[Result], timeout: float) -> Result:
        deadline = self._loop.time() + timeout
        try:
            asked = next(flow)
            while True:
                asked = flow.send(await self._wait(asked, deadline))
        except StopIteration as end:
            result: Result = end.value
            return result

    async def _wait(self, ask: Ask, deadline: float) -> list[Answer]:
        done = asyncio.Event()
        number, request = self._begin(ask, done.set)
        try:
            while not request.is_over:
                limit = min(deadline - self._loop.time(), REPEAT_AFTER)
                try:
                    await asyncio.wait_for(done.wait(), max(limit, 0))
                except TimeoutError:
                    if self._loop.time() >= deadline:
                        raise Unanswered("no answer in time") from None
                    self._repeat(request)
        except BaseException:
            # Also where the caller was cancelled just when the answer came.
            drop(request.answers)
            raise
        finally:
            self._give_up(number, request)
        if request.error is not None:
            raise request.error
        return request.answers

    async def __aenter__(self) -> Worker:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        self.close()


class Link:
    """A link for one event loop: `Link(offer.take())`."""

    def __init__(self, link: PlainLink) -> None:
        self.plain = link
        self._loop = asyncio.get_running_loop()

    async def receive(self) -> Datagram | LinkMessage:
        """The next datagram or message; raises ServiceEnded when the other end is gone."""
        while (found := self.plain.receive()) is None:
            await self._until(self._loop.add_reader, self._loop.remove_reader)
        return found

    async def send(self, payload: bytes, descriptors: Sequence[int] = ()) -> None:
        """Sends a message."""
        while not self.plain.send(payload, descriptors):
            await self._until(self._loop.add_writer, self._loop.remove_writer)

    async def forward(self, *datagrams: Datagram) -> None:
        """Passes datagrams on."""
        for datagram in datagrams:
            while not self.plain.forward(datagram):
                await self._until(self._loop.add_writer, self._loop.remove_writer)
        while not self.plain.flush():
            await self._until(self._loop.add_writer, self._loop.remove_writer)

    def close(self) -> None:
        self.plain.close()

    async def _until(self, add: object, remove: object) -> None:
        assert callable(add) and callable(remove)
        come = asyncio.Event()
        add(self.plain.fileno(), come.set)
        try:
            await come.wait()
        finally:
            remove(self.plain.fileno())
