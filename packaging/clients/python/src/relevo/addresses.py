"""Addresses as Relevo writes them."""
from __future__ import annotations

import ipaddress
import re
import socket

Address = tuple[str, int]

_WRITTEN = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[^:\[\]]+)):(?P<port>[0-9]{1,5})",
                      re.ASCII)


def parse(text: str) -> tuple[str, int]:
    """Reads `192.0.2.7:4711` or `[2001:db8::7]:4711`; no names of hosts."""
    found = _WRITTEN.fullmatch(text)
    if not found or int(found["port"]) > 65535:
        raise ValueError(f"{text!r} is not ADDRESS:PORT or [ADDRESS]:PORT")
    host = found["six"] or found["four"]
    version = ipaddress.ip_address(host).version
    if (version == 6) != bool(found["six"]):
        raise ValueError(f"{text!r}: brackets are for IPv6 addresses")
    return host, int(found["port"])


def write(address: tuple[object, ...]) -> str:
    """An address as sockets have it, as the channel wants it."""
    host, port = str(address[0]), address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listener(text: str) -> tuple[bool, tuple[str, int]]:
    """Reads `udp://HOST:PORT` or `tcp://HOST:PORT`: whether it is TCP, and where."""
    scheme, _, rest = text.partition("://")
    if scheme not in ("udp", "tcp"):
        raise ValueError(f"{text!r} does not begin with udp:// or tcp://")
    return scheme == "tcp", parse(rest)


def bind(text: str) -> socket.socket:
    """As a supervisor would bind it: in a reuseport group, so that a second process can come."""
    is_stream, place = listener(text)
    family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if is_stream:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(socket.getaddrinfo(*place, family, flags=socket.AI_NUMERICHOST)[0][4])
        if is_stream:
            made.listen(4096)
    except BaseException:
        made.close()
        raise
    return made
