"""How this process was started, by its environment."""
from __future__ import annotations

from dataclasses import dataclass, field
import os
import socket

from . import channel

FIRST = 3


@dataclass
class Start:
    """What of a supervisor, or of a service manager, there is."""

    channel: socket.socket | None = None
    path: str | None = None
    inherited: int = 0
    names: list[str] = field(default_factory=list)
    notify: str | None = None

    @classmethod
    def look(cls) -> Start:
        """Reads the environment; a channel is taken out of it, no child must find it."""
        found = cls(notify=os.environ.get("NOTIFY_SOCKET") or None)
        number = _number("RELEVO_CHANNEL", 1 << 20)
        if number is not None:
            found.channel = channel.adopt(number)
        if found.channel is not None:
            del os.environ["RELEVO_CHANNEL"]
        else:
            found.path = os.environ.get("RELEVO_SOCKET") or None
        count = _number("LISTEN_FDS", 1 << 16)
        # A child of the process that these were meant for has the same variables.
        if count and _number("LISTEN_PID", 1 << 30) == os.getpid():
            found.inherited = count
            found.names = os.environ.get("LISTEN_FDNAMES", "").split(":")
        return found

    def descriptors(self) -> list[tuple[int, str]]:
        """The inherited descriptors that are open, with their names."""
        names = self.names + [""] * self.inherited
        return [(FIRST + place, names[place]) for place in range(self.inherited)
                if is_open(FIRST + place)]


def is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def inherited_socket(number: int) -> socket.socket | None:
    """The socket that was inherited with this number; None for what is none."""
    try:
        found = socket.socket(fileno=number)
    except OSError:
        return None
    found.set_inheritable(False)
    return found


def _number(variable: str, most: int) -> int | None:
    text = os.environ.get(variable, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 10:
        return None
    return int(text) if int(text) <= most else None
