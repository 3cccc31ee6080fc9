"""The part of STUN (RFC 8489) and TURN (RFC 8656) that a client needs."""

import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

COOKIE = 0x2112A442

ALLOCATE, REFRESH, CHANNEL_BIND = 0x003, 0x004, 0x009
SUCCESS, FAILURE = 0x100, 0x110

USERNAME, INTEGRITY, ERROR_CODE = 0x0006, 0x0008, 0x0009
CHANNEL_NUMBER, LIFETIME, PEER_ADDRESS = 0x000C, 0x000D, 0x0012
REALM, NONCE, REQUESTED_TRANSPORT = 0x0014, 0x0015, 0x0019

#: The only channel that a client here binds.
CHANNEL = 0x4000
UDP = struct.pack(">I", 17 << 24)


@dataclass
class Message:
    """One answer."""

    kind: int
    attributes: dict[int, bytes]

    @classmethod
    def parse(cls, data: bytes) -> "Message":
        kind, length = struct.unpack_from(">HH", data)
        attributes, at = {}, 20
        while at + 4 <= 20 + length:
            name, size = struct.unpack_from(">HH", data, at)
            attributes.setdefault(name, data[at + 4:at + 4 + size])
            at += 4 + (size + 3) // 4 * 4
        return cls(kind, attributes)

    @property
    def error(self) -> int:
        """The error code; 0 without one."""
        code = self.attributes.get(ERROR_CODE)
        return code[2] * 100 + code[3] if code else 0


@dataclass
class Credentials:
    """Long-term credentials, as the server asked for them."""

    user: str
    password: str
    realm: bytes
    nonce: bytes

    @property
    def key(self) -> bytes:
        parts = [self.user.encode(), self.realm, self.password.encode()]
        return hashlib.md5(b":".join(parts)).digest()


def request(kind: int, attributes: list[tuple[int, bytes]], by: Credentials | None) -> bytes:
    """A request under a fresh transaction id, signed if there are credentials."""
    if by:
        attributes = [
            *attributes, (USERNAME, by.user.encode()), (REALM, by.realm), (NONCE, by.nonce)]
    body = b"".join(
        struct.pack(">HH", name, len(value)) + value + bytes(-len(value) % 4)
        for name, value in attributes)
    transaction = os.urandom(12)
    head = lambda length: struct.pack(">HHI", kind, length, COOKIE) + transaction
    if by:
        signature = hmac.new(by.key, head(len(body) + 24) + body, hashlib.sha1).digest()
        body += struct.pack(">HH", INTEGRITY, 20) + signature
    return head(len(body)) + body


def peer_address(host: str, port: int) -> bytes:
    """An IPv4 address as XOR-PEER-ADDRESS has it."""
    number = int.from_bytes(bytes(map(int, host.split("."))), "big")
    return struct.pack(">BBHI", 0, 1, port ^ COOKIE >> 16, number ^ COOKIE)


def key(data: bytes) -> bytes:
    """What an answer shares with its request: the transaction id, or a channel's first bytes."""
    if data[0] & 0xC0 == 0x40:
        return data[4:12]
    return data[8:20]


def channel_data(payload: bytes) -> bytes:
    """A datagram for the channel's peer."""
    return struct.pack(">HH", CHANNEL, len(payload)) + payload
