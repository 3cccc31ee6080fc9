"""A worker for programs with a loop of their own: calls that wait say so."""
from __future__ import annotations

import select
import time
from types import TracebackType
from typing import Iterator, Sequence

from .codec import LONGEST_TEXT, Packet, packet
from .core import REPEAT_AFTER, Answer, Ask, Core, Flow, Result, drop
from .errors import Unanswered
from .events import Event, LinkOffer
from .start import Start


class Worker(Core):
    """This process as a worker of a Relevo service; for one thread at a time.

    Make one, before other threads start: it takes its channel out of the environment. Without a
    supervisor every call does what helps while a program is written: sockets are bound, nothing
    drains, nothing is kept. Under systemd alone LISTEN_FDS and NOTIFY_SOCKET are used.

    `group`, `workers` and `command` are for a worker that the supervisor did not start.
    """

    def __init__(self, *, group: str | None = None, workers: int | None = None,
                 command: str | None = None, timeout: float = 30) -> None:
        super().__init__(Start.look(), group, workers, command)
        try:
            if self.is_supervised:
                self._run(self._flow_greet(), timeout)
            else:
                self._adopt_inherited()
        except BaseException:
            self.close()
            raise

    def failed(self, reason: str, timeout: float = 5) -> None:
        """Says that this worker cannot serve, and why; then end the process."""
        if self.is_supervised:
            self._run(self._flow_done(failure(reason)), timeout)
        else:
            self._owe(packet("FAILED"), f"STATUS={reason}")

    def leave(self, timeout: float = 30) -> None:
        """Asks to be drained, for a worker that somebody else is about to end."""
        if self.is_supervised:
            self._run(self._flow_done(packet("LEAVE")), timeout)

    def store(self, name: str, descriptors: Sequence[int], add: bool = False,
              timeout: float = 30) -> None:
        """Leaves descriptors with the supervisor for the later workers of this index, in the
        place of what is kept under the name, or with it. They stay the caller's as well."""
        if self.is_supervised:
            self._run(self._flow_done(storing(name, add), descriptors), timeout)

    def forget(self, name: str, timeout: float = 30) -> None:
        """Lets go of what is kept under the name."""
        if self.is_supervised:
            self._run(self._flow_done(packet("FORGET", NAME=name)), timeout)

    def fetch(self, timeout: float = 30) -> None:
        """Asks again for all that is kept, also by this worker itself, for `take`."""
        if self.is_supervised:
            self._run(self._flow_fetch(), timeout)

    def link(self, to: int | str, worker: int | None = None, label: str = "",
             timeout: float = 30) -> LinkOffer:
        """A link to a worker of another generation: its number, `current`, `older`, `newer`."""
        return self._run(self._flow_link(to, worker, label), timeout)

    def events(self) -> Iterator[Event]:
        """What the supervisor has said; call it when `fileno()` is readable."""
        while (event := self.next_event()) is not None:
            yield event

    def _run(self, flow: Flow[Result], timeout: float) -> Result:
        deadline = time.monotonic() + timeout
        try:
            asked = next(flow)
            while True:
                asked = flow.send(self._wait(asked, deadline))
        except StopIteration as end:
            result: Result = end.value
            return result

    def _wait(self, ask: Ask, deadline: float) -> list[Answer]:
        number, request = self._begin(ask)
        try:
            while not request.is_over:
                repeat = time.monotonic() + REPEAT_AFTER
                while not request.is_over and (now := time.monotonic()) < min(deadline, repeat):
                    if self._over is not None:
                        waiting = select.poll()
                        room = select.POLLOUT if self._wants_room() else 0
                        waiting.register(self._over, select.POLLIN | room)
                        waiting.poll(max(1, int((min(deadline, repeat) - now) * 1000)))
                    self._take_in()
                if not request.is_over and time.monotonic() >= deadline:
                    raise Unanswered("no answer in time")
                if not request.is_over:
                    self._repeat(request)
        except BaseException:
            drop(request.answers)
            raise
        finally:
            self._give_up(number, request)
        if request.error is not None:
            raise request.error
        return request.answers

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def failure(reason: str) -> Packet:
    return packet("FAILED", REASON=cut(reason))


def storing(name: str, add: bool) -> Packet:
    return packet("STORE", NAME=name, ADD=1 if add else None)


def cut(text: str) -> str:
    """As many whole characters as the channel takes."""
    return text.encode("utf-8", "replace")[:LONGEST_TEXT].decode("utf-8", "ignore")
