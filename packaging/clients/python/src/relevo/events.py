"""What a worker hears from its supervisor."""
from __future__ import annotations

from dataclasses import dataclass
import socket
import time

from .link import Link


@dataclass(frozen=True)
class Drain:
    """New flows go elsewhere from now on: serve the sessions there are, then say `drained`.

    `deadline` is on time.monotonic(); None is never. It comes again when that has changed.
    """

    deadline: float | None

    @property
    def left(self) -> float | None:
        """Seconds until the drain is cut."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())


@dataclass(frozen=True)
class Resume:
    """The drain is off, and new flows may come again."""


@dataclass(frozen=True)
class Stop:
    """End now: the process is killed at `deadline`, on time.monotonic()."""

    deadline: float

    @property
    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())


class LinkOffer:
    """A link to a worker of another generation, asked for here or by the other end."""

    def __init__(self, over: socket.socket, generation: int, worker: int, is_asked: bool,
                 label: str) -> None:
        self.socket = over
        self.generation = generation
        self.worker = worker
        self.is_asked = is_asked
        self.label = label

    def take(self) -> Link:
        """Makes the link usable. Who wants to speak otherwise on it takes `socket`."""
        return Link(self.socket)

    def close(self) -> None:
        """Says no: the other end reads end of file."""
        self.socket.close()


@dataclass(frozen=True)
class Refusal:
    """Something that this worker said without waiting for an answer had no effect."""

    code: str
    reason: str


@dataclass(frozen=True)
class Ended:
    """The service is over for this worker: nobody will answer any more."""


Event = Drain | Resume | Stop | LinkOffer | Refusal | Ended


def deadline_after(left: int, deadline: int | None) -> float:
    """On time.monotonic(). `deadline` knows how long the packet lay in the queue; in another time
    namespace it means nothing, and `left` is what there is. Both in milliseconds."""
    boot = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    rest = left
    if deadline is not None and 0 <= deadline - boot <= left:
        rest = deadline - boot
    return time.monotonic() + rest / 1000
