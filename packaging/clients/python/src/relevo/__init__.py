"""Makes a process a worker of a Relevo service, by the worker channel (CHANNEL.md).

`Worker` is for programs with a loop of their own, `aio.Worker` for asyncio.
"""
from .core import GivenSocket
from .errors import Malformed, Refused, RelevoError, ServiceEnded, Unanswered, Unsupported
from .events import Drain, Ended, Event, LinkOffer, Refusal, Resume, Stop
from .link import Datagram, Link, LinkMessage
from .worker import Worker

__all__ = [
    "Datagram", "Drain", "Ended", "Event", "GivenSocket", "Link", "LinkMessage", "LinkOffer",
    "Malformed", "Refusal", "Refused", "RelevoError", "Resume", "ServiceEnded", "Stop",
    "Unanswered", "Unsupported", "Worker",
]
