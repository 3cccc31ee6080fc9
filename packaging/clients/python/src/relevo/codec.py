"""The packets of the worker channel: bytes in, values out. No socket and no clock.

Whatever comes from the other side is bounded here, and is a value or a `Fault`.
"""
from __future__ import annotations

from dataclasses import dataclass, field
import re

LONGEST_PACKET = 4096
MOST_KEYS = 64
MOST_DESCRIPTORS = 32
LONGEST_TEXT = 512
LARGEST_NUMBER = 2**63 - 1

_VERB = re.compile(rb"[A-Z]{1,16}")
_KEY = re.compile(rb"[A-Z_]{1,32}")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_SEAL = re.compile(r"([1-9][0-9]{0,3}):([0-9a-fA-F]{16})([0-9a-fA-F]{16})", re.ASCII)
_REPEATABLE = {"SOCKET", "STORED"}


class Fault(ValueError):
    """A packet that is none, or a message that makes no sense."""

    def __init__(self, code: str, reason: str, id: int | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.id = id


@dataclass(frozen=True)
class Packet:
    """A verb and its keys, in their order."""

    verb: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def value(self, key: str) -> str | None:
        return next((value for name, value in self.fields if name == key), None)

    def values(self, key: str) -> list[str]:
        return [value for name, value in self.fields if name == key]

    def number(self, key: str) -> int | None:
        text = self.value(key)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text) or int(text) > LARGEST_NUMBER:
            raise Fault("key", f"{key}= is not a number")
        return int(text)

    def required(self, key: str) -> int:
        number = self.number(key)
        if number is None:
            raise Fault("key", f"{key}= is missing")
        return number

    def flag(self, key: str) -> bool:
        value = self.value(key)
        if value not in (None, "1"):
            raise Fault("key", f"{key}= can be 1 alone")
        return value is not None

    def encoded(self) -> bytes:
        """As it goes over the socket; a control character in a value becomes a space."""
        lines = [self.verb.encode()]
        for key, value in self.fields:
            clean = _CONTROL.sub(b" ", value.encode("utf-8", "replace"))
            lines.append(key.encode() + b"=" + clean)
        return b"\n".join(lines)


def packet(verb: str, **keys: str | int | None) -> Packet:
    """A packet of the keys that are not None."""
    return Packet(verb, [(key, str(value)) for key, value in keys.items() if value is not None])


def decode(data: bytes) -> Packet:
    """Reads one packet; any bytes may come."""
    if len(data) > LONGEST_PACKET:
        raise Fault("oversized", f"a packet of more than {LONGEST_PACKET} bytes")
    verb, *lines = data.removesuffix(b"\n").split(b"\n")
    if not _VERB.fullmatch(verb):
        raise Fault("malformed", "it does not begin with a verb")
    if len(lines) > MOST_KEYS:
        raise Fault("malformed", f"more than {MOST_KEYS} keys")
    fields: list[tuple[str, str]] = []
    seen: set[str] = set()
    for place, line in enumerate(lines, start=2):
        name, equals, value = line.partition(b"=")
        if not equals or not _KEY.fullmatch(name):
            raise Fault("malformed", f"line {place} is not KEY=value")
        if _CONTROL.search(value):
            raise Fault("malformed", f"line {place} has a control character")
        key = name.decode()
        if key in seen and key not in _REPEATABLE:
            raise Fault("malformed", f"{key}= stands twice")
        seen.add(key)
        fields.append((key, value.decode("utf-8", "replace")))
    return Packet(verb.decode(), fields)


@dataclass(frozen=True)
class Seal:
    """What ids are made with that lead to one socket: its stay in the slot, and a key."""

    stay: int
    key: tuple[int, int]


@dataclass(frozen=True)
class WelcomeSocket:
    """What a worker is told of one of its sockets."""

    listener: int
    slot: int
    address: str
    name: str
    seal: Seal | None = None


@dataclass(frozen=True)
class Welcome:
    version: int
    service: str
    generation: int
    worker: int
    workers: int
    sockets: list[WelcomeSocket]
    stored: list[str]
    more: bool


@dataclass(frozen=True)
class Done:
    """OK."""


@dataclass(frozen=True)
class Refusal:
    """ERROR."""

    code: str
    reason: str


@dataclass(frozen=True)
class DrainNotice:
    """Times in milliseconds, `deadline` on CLOCK_BOOTTIME; both None for a drain without end."""

    deadline: int | None
    left: int | None


@dataclass(frozen=True)
class ResumeNotice:
    pass


@dataclass(frozen=True)
class StopNotice:
    left: int


@dataclass(frozen=True)
class Stored:
    names: list[str]
    more: bool


@dataclass(frozen=True)
class LinkEnd:
    """One end of a link, and who has the other."""

    role: str
    generation: int
    worker: int
    label: str


Message = (Welcome | Done | Refusal | DrainNotice | ResumeNotice | StopNotice | Stored | LinkEnd)


def read(data: bytes) -> tuple[int | None, Message | None]:
    """A supervisor's packet: the number of what it answers, and the message.

    The message is None for a verb that this version does not know.
    """
    whole = decode(data)
    number = whole.number("ID")
    try:
        return number, _message(whole)
    except Fault as fault:
        fault.id = number
        raise


def _message(whole: Packet) -> Message | None:
    match whole.verb:
        case "WELCOME":
            return _welcome(whole)
        case "OK":
            return Done()
        case "ERROR":
            return Refusal(whole.value("CODE") or "failed", whole.value("REASON") or "")
        case "DRAIN":
            deadline, left = whole.number("DEADLINE"), whole.number("LEFT")
            if deadline is None or left is None:
                return DrainNotice(None, None)
            return DrainNotice(deadline, left)
        case "RESUME":
            return ResumeNotice()
        case "STOP":
            return StopNotice(whole.number("LEFT") or 0)
        case "STORED":
            return Stored(whole.values("STORED"), whole.flag("MORE"))
        case "LINK":
            role = whole.value("ROLE")
            if role not in ("asked", "offered"):
                raise Fault("key", "ROLE= is missing")
            return LinkEnd(role, whole.required("GENERATION"), whole.required("WORKER"),
                           whole.value("LABEL") or "")
    return None


def _welcome(whole: Packet) -> Welcome:
    service = whole.value("SERVICE")
    if service is None:
        raise Fault("key", "SERVICE= is missing")
    lines = whole.values("SOCKET")
    words = whole.value("IDS")
    seals: list[Seal | None] = [None] * len(lines)
    if words is not None:
        seals = [_seal(word) for word in words.split(" ")]
        if len(seals) != len(lines):
            raise Fault("key", "IDS= has not a word for each SOCKET=")
    return Welcome(
        whole.required("VERSION"), service, whole.required("GENERATION"),
        whole.required("WORKER"), whole.required("WORKERS"),
        [_socket(line, seal) for line, seal in zip(lines, seals)], whole.values("STORED"),
        whole.flag("MORE"))


def _socket(line: str, seal: Seal | None) -> WelcomeSocket:
    parts = line.split(" ", 3)
    if len(parts) != 4 or not parts[2] or not all(map(_NUMBER.fullmatch, parts[:2])):
        raise Fault("key", "SOCKET= is not listener, slot, address and name")
    return WelcomeSocket(int(parts[0]), int(parts[1]), parts[2], parts[3], seal)


def _seal(word: str) -> Seal | None:
    if word == "-":
        return None
    found = _SEAL.fullmatch(word)
    if not found or int(found[1]) > 4095:
        raise Fault("key", "IDS= is not a list of stays, each with its key")
    return Seal(int(found[1]), (int(found[2], 16), int(found[3], 16)))
