"""Ids of sessions that lead to the worker that made them (`Steering=quic`)."""
from __future__ import annotations

import os

from .codec import Seal

_MASK = 2**64 - 1
NOBODY = Seal(0, (0, 0))


def make(seal: Seal, configuration: int = 0, server: bytes = b"") -> bytes:
    """A new id; `configuration` and `server` are for a load balancer in front."""
    if not 0 <= configuration <= 6 or len(server) > 9:
        raise ValueError("the configuration is 0 to 6, and a server's id has at most 9 bytes")
    size = 8 if len(server) < 5 else 13 - len(server)
    first = configuration << 5 | len(server) + size + 6
    return close(seal, bytes([first]) + server + os.urandom(size))


def close(seal: Seal, start: bytes) -> bytes:
    """Makes an id of what comes before the stay."""
    named = start + seal.stay.to_bytes(2, "big")
    return named + _tag(seal, named)


def is_of(seal: Seal, id: bytes) -> bool:
    """Whether an id was made with this seal."""
    return (11 <= len(id) <= 20 and id[0] >> 5 < 7 and id[0] & 0x1F == len(id) - 1
            and int.from_bytes(id[-6:-4], "big") == seal.stay and id[-4:] == _tag(seal, id[:-4]))


def _tag(seal: Seal, named: bytes) -> bytes:
    filled = named.ljust(16, b"\0")
    words = [int.from_bytes(filled[:8], "little"), int.from_bytes(filled[8:], "little"),
             len(named) + 4]
    return (_siphash13(seal.key, words) & 0xFFFFFFFF).to_bytes(4, "little")


def _siphash13(key: tuple[int, int], words: list[int]) -> int:
    """SipHash-1-3 of whole words."""
    v0, v1 = key[0] ^ 0x736F6D6570736575, key[1] ^ 0x646F72616E646F6D
    v2, v3 = key[0] ^ 0x6C7967656E657261, key[1] ^ 0x7465646279746573

    def turn() -> None:
        nonlocal v0, v1, v2, v3
        v0 = v0 + v1 & _MASK
        v1 = _left(v1, 13) ^ v0
        v0 = _left(v0, 32)
        v2 = v2 + v3 & _MASK
        v3 = _left(v3, 16) ^ v2
        v0 = v0 + v3 & _MASK
        v3 = _left(v3, 21) ^ v0
        v2 = v2 + v1 & _MASK
        v1 = _left(v1, 17) ^ v2
        v2 = _left(v2, 32)

    for word in words:
        v3 ^= word
        turn()
        v0 ^= word
    v2 ^= 0xFF
    for _ in range(3):
        turn()
    return v0 ^ v1 ^ v2 ^ v3


def _left(word: int, count: int) -> int:
    return (word << count | word >> 64 - count) & _MASK
