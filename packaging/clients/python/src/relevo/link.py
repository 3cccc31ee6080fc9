"""A link to a worker of another generation: datagrams with where they came from, and messages."""
from __future__ import annotations

from dataclasses import dataclass, field
import ipaddress
import socket
import struct
from types import TracebackType
from typing import Sequence

from .channel import close_all, receive_packet, send_packet
from .codec import MOST_DESCRIPTORS
from .errors import Malformed

HEADER, RECORD = struct.Struct("<BBHI"), struct.Struct("<IIQ24s24s")
ADDRESS = struct.Struct("<HHI16s")
VERSION, DATAGRAMS, MESSAGE = 1, 1, 2
LONGEST_PAYLOAD = 65_536
LONGEST_PACKET = HEADER.size + RECORD.size + LONGEST_PAYLOAD

Address = tuple[str, int]


@dataclass(frozen=True)
class Datagram:
    """A datagram that the other worker received; `received` in ns of CLOCK_REALTIME, or 0."""

    payload: bytes
    source: Address | None = None
    destination: Address | None = None
    received: int = 0


@dataclass(frozen=True)
class LinkMessage:
    """A message of the application's own; its descriptors are the receiver's to close."""

    payload: bytes
    descriptors: list[int] = field(default_factory=list)


def encode_datagrams(datagrams: Sequence[Datagram]) -> bytes:
    """Datagrams as one packet."""
    parts = [HEADER.pack(DATAGRAMS, VERSION, len(datagrams), 0)]
    for one in datagrams:
        parts.append(RECORD.pack(len(one.payload), 0, one.received, _packed(one.source),
                                 _packed(one.destination)))
        parts.append(one.payload + bytes(-len(one.payload) % 8))
    return b"".join(parts)


def encode_message(payload: bytes) -> bytes:
    return HEADER.pack(MESSAGE, VERSION, 0, 0) + payload


def decode(data: bytes) -> list[Datagram] | bytes:
    """A packet's datagrams, or a message's payload; any bytes may come.

    Of a packet that breaks off what came before that is there.
    """
    if len(data) < HEADER.size:
        raise Malformed("a packet on the link that is too short")
    kind, version, count, _ = HEADER.unpack_from(data)
    if version != VERSION or kind not in (DATAGRAMS, MESSAGE):
        raise Malformed("a packet on the link of an unknown kind")
    if kind == MESSAGE:
        return data[HEADER.size:]
    found: list[Datagram] = []
    place = HEADER.size
    for _ in range(count):
        start = place + RECORD.size
        if start > len(data):
            break
        length, _, received, source, destination = RECORD.unpack_from(data, place)
        if length > len(data) - start:
            break
        found.append(Datagram(data[start:start + length], _unpacked(source),
                              _unpacked(destination), received))
        place = start + length + -length % 8
    if not found:
        raise Malformed("a packet on the link without a whole datagram")
    return found


def _packed(address: Address | None) -> bytes:
    if address is None:
        return bytes(ADDRESS.size)
    host, _, zone = address[0].partition("%")
    ip = ipaddress.ip_address(host)
    scope = 0 if not zone else int(zone) if zone.isdecimal() else socket.if_nametoindex(zone)
    return ADDRESS.pack(ip.version, address[1], scope, ip.packed)


def _unpacked(data: bytes) -> Address | None:
    family, port, scope, raw = ADDRESS.unpack(data)
    if family not in (4, 6):
        return None
    host = str(ipaddress.ip_address(raw[:4] if family == 4 else raw))
    return (f"{host}%{scope}" if scope else host), int(port)


class Link:
    """One end of a link; for one thread at a time. Never waits."""

    def __init__(self, over: socket.socket) -> None:
        self.socket = over
        over.setblocking(False)
        self._coming: list[Datagram] = []
        self._gathered: list[Datagram] = []
        self._size = HEADER.size

    def fileno(self) -> int:
        """Readable when `receive` has something, writable when there is room."""
        return self.socket.fileno()

    def forward(self, datagram: Datagram) -> bool:
        """Passes a datagram on, gathered with others; False: no room, and it was not taken."""
        if len(datagram.payload) > LONGEST_PAYLOAD:
            raise ValueError("a datagram of more than 64 KiB")
        size = RECORD.size + len(datagram.payload) + 7
        if self._gathered and self._size + size > LONGEST_PACKET and not self.flush():
            return False
        self._gathered.append(datagram)
        self._size += size
        return True

    def flush(self) -> bool:
        """Sends what has been gathered; False: there is no room now, and it stays gathered."""
        if self._gathered:
            if not send_packet(self.socket, encode_datagrams(self._gathered)):
                return False
            self._gathered, self._size = [], HEADER.size
        return True

    def send(self, payload: bytes, descriptors: Sequence[int] = ()) -> bool:
        """Sends a message after all datagrams gathered before it; False: no room now."""
        if len(payload) > LONGEST_PAYLOAD or len(descriptors) > MOST_DESCRIPTORS:
            raise ValueError("a message has at most 64 KiB and 32 descriptors")
        return self.flush() and send_packet(self.socket, encode_message(payload), descriptors)

    def receive(self) -> Datagram | LinkMessage | None:
        """The next datagram or message; None when there is none now.

        Raises ServiceEnded when the other worker has closed its end and all has been taken. After
        Malformed the link goes on with the next packet.
        """
        if not self._coming:
            arrival = receive_packet(self.socket, LONGEST_PACKET, MOST_DESCRIPTORS)
            if arrival is None:
                return None
            data, descriptors = arrival
            try:
                if data is None:
                    raise Malformed("a packet on the link beyond the limits")
                found = decode(data)
                if isinstance(found, bytes):
                    return LinkMessage(found, descriptors)
                if descriptors:
                    raise Malformed("datagrams with descriptors")
            except Malformed:
                close_all(descriptors)
                raise
            self._coming = found
        return self._coming.pop(0)

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Link:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
