"""The worker's end of the socket to its supervisor: packets in, packets out, no meaning."""
from __future__ import annotations

import array
import os
import socket
from typing import Sequence

from .errors import Malformed, ServiceEnded

_WORD = array.array("i").itemsize


def close_all(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def send_packet(
    over: socket.socket, data: bytes | memoryview, descriptors: Sequence[int] = ()
) -> bool:
    """Whether the packet went out; False when the socket has no room."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    try:
        over.sendmsg([data], rights if descriptors else [],
                     socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
    except BlockingIOError:
        return False
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ServiceEnded("the other end is gone") from error
    return True


def receive_packet(
    over: socket.socket, longest: int, most: int
) -> tuple[bytes | None, list[int]] | None:
    """What has come, with its descriptors, which the caller owns; None if nothing has.

    The bytes are None for a packet beyond the limits. At the end it raises ServiceEnded.
    """
    for attempt in range(2):
        try:
            data, rights, flags, _ = over.recvmsg(
                longest, socket.CMSG_SPACE(most * _WORD),
                socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC)
            break
        except BlockingIOError:
            return None
        except ConnectionResetError as error:
            # Comes once, before what the other end sent.
            if attempt:
                raise ServiceEnded("the other end is gone") from error
    descriptors = array.array("i")
    for level, kind, some in rights:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(some[:len(some) - len(some) % _WORD])
    numbers = descriptors.tolist()
    if not data and not numbers:
        raise ServiceEnded("the other end is gone")
    if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
        return None, numbers
    return data, numbers


def adopt(number: int) -> socket.socket | None:
    """The channel by its inherited number; None for what is no such socket."""
    try:
        found = socket.socket(fileno=number)
    except OSError:
        return None
    if found.family != socket.AF_UNIX or found.type != socket.SOCK_SEQPACKET:
        found.detach()
        return None
    found.set_inheritable(False)
    found.setblocking(False)
    return found


def connect(path: str) -> socket.socket:
    """Connects to where workers join."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        made.connect(path)
    except BaseException:
        made.close()
        raise
    made.setblocking(False)
    return made


def notify(path: str, text: str) -> None:
    """Says something to the service manager, as sd_notify(3) does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(text.encode(), "\0" + path[1:] if path.startswith("@") else path)


def whole(data: bytes | None) -> bytes:
    if data is None:
        raise Malformed("a packet beyond the limits")
    return data
