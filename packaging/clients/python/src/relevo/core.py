"""The worker's side of everything but waiting: `worker` and `aio` wait, each in its way."""
from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
import os
import select
import socket
from socket import socket as Socket
from typing import Callable, Generator, Sequence, TypeVar

from . import addresses, channel, codec, ids
from .codec import Message, Packet, Seal, packet
from .errors import Malformed, Refused, RelevoError, ServiceEnded, Unsupported
from .events import (Drain, Ended, Event, LinkOffer, Refusal, Resume, Stop, deadline_after)
from .start import Start, inherited_socket

MOST_PACKETS = 64
MOST_WAITING = 64
REPEAT_AFTER = 5.0

Answer = tuple[Message, list[int]]
Result = TypeVar("Result")


@dataclass
class Request:
    """Something asked, until it is answered. A supervisor that was killed may have forgotten it."""

    data: bytes
    descriptors: Sequence[int]
    done: Callable[[], None] | None = None
    answers: list[Answer] = field(default_factory=list)
    error: RelevoError | None = None
    is_over: bool = False


@dataclass
class Ask:
    """What a flow yields for the answers."""

    packet: Packet
    descriptors: Sequence[int] = ()


Flow = Generator[Ask, list[Answer], Result]


@dataclass
class GivenSocket:
    """A listener's socket of this worker."""

    name: str
    #: As it is written, `udp://[::]:4433`.
    address: str
    #: Numbers of listener and slot; None without a supervisor.
    listener: int | None = None
    slot: int | None = None
    seal: Seal | None = None
    socket: socket.socket | None = None
    number: int = -1


def drop(answers: Sequence[Answer]) -> None:
    for _, descriptors in answers:
        channel.close_all(descriptors)


class Core:
    """State and rules; nothing here waits."""

    def __init__(self, start: Start, group: str | None, workers: int | None,
                 command: str | None) -> None:
        self._start = start
        self._wishes = {"GROUP": group, "WORKERS": workers, "COMMAND": command}
        self._over: socket.socket | None = start.channel
        if self._over is None and start.path:
            self._over = channel.connect(start.path)
        else:
            self._wishes = {}
        self._ready = select.epoll()
        self._raised = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._ready.register(self._raised, select.EPOLLIN)
        if self._over is not None:
            self._ready.register(self._over.fileno(), select.EPOLLIN)
        self._events: deque[Event] = deque()
        self._asked: dict[int, Request] = {}
        self._waiting: deque[tuple[bytes, Sequence[int]]] = deque()
        self._owed: dict[str, Packet] = {}
        self._last = 0
        self._kept: list[tuple[str, int]] = []
        #: The listeners of the service, by the sockets that this worker was given.
        self.listeners: list[GivenSocket] = []
        #: The service's name; empty without a supervisor.
        self.service = ""
        #: The generation's number, from 1; 0 without a supervisor.
        self.generation = 0
        #: This worker's index in the generation, from 0.
        self.index = 0
        #: How many workers the generation has.
        self.workers = 1

    @property
    def is_supervised(self) -> bool:
        """Whether a supervisor listens; False also once the service is over."""
        return self._over is not None

    def fileno(self) -> int:
        """Readable when there is an event to be taken; never read it, never close it."""
        return self._ready.fileno()

    def close(self) -> None:
        """Lets go of the channel, and of all sockets that were not taken."""
        if self._over is not None:
            self._over.close()
            self._over = None
        for given in self.listeners:
            if given.socket is not None:
                given.socket.close()
                given.socket = None
        channel.close_all([number for _, number in self._kept])
        self._kept = []
        self._ready.close()
        if self._raised >= 0:
            os.close(self._raised)
            self._raised = -1

    # Sockets

    def socket(self, name: str = "", or_bind: str = "") -> Socket:
        """The socket of the listener with this name, or with this address; the caller owns it.

        Once each: a second call gives the next one. Where nobody gives sockets one is bound to
        `or_bind`, with SO_REUSEPORT. The blocking flag is shared with the supervisor: use
        MSG_DONTWAIT rather than change it, but for a library that insists, as asyncio does.
        """
        free = [given for given in self.listeners if given.socket is not None]
        for given in [*(each for each in free if each.name == name),
                      *(each for each in free if each.address == or_bind)]:
            taken, given.socket = given.socket, None
            if taken is not None:
                return taken
        if self._start.channel is not None or self._start.path or self._start.inherited:
            raise RelevoError(f"no listener {name or or_bind}, or its sockets have been taken")
        return addresses.bind(or_bind)

    def _given(self, of: Socket | int) -> GivenSocket:
        number = of if isinstance(of, int) else of.fileno()
        for given in self.listeners:
            if given.number == number and number >= 0:
                return given
        raise RelevoError("that is no socket of a listener")

    def make_id(self, on: Socket | int, configuration: int = 0,
                server: bytes = b"") -> bytes:
        """A new QUIC connection id that leads to this worker; for `Steering=quic`.

        Without a supervisor it leads nowhere.
        """
        return ids.make(self._seal(on) or ids.NOBODY, configuration, server)

    def owns_id(self, id: bytes, on: Socket | int) -> bool:
        """Whether an id was made by this worker, or by one before it in the same stay."""
        seal = self._seal(on)
        return seal is not None and ids.is_of(seal, id)

    def _seal(self, on: Socket | int) -> Seal | None:
        if not self.is_supervised and not any(each.slot is not None for each in self.listeners):
            return None
        given = self._given(on)
        if given.seal is None and given.slot is not None:
            raise Unsupported("the listener's steering heeds no ids that a worker makes")
        return given.seal

    # What is told and not waited for

    def ready(self, unread: Sequence[int] = ()) -> None:
        """Says that all sockets are being served, or all but these of a joining worker's, by
        their place in `listeners`."""
        text = ",".join(str(place) for place in sorted(set(unread)))
        self._owe(packet("READY", UNREAD=text or None), "READY=1")

    def sessions(self, count: int) -> None:
        """Says how many sessions there are, when that has changed, some times a second at most. A
        count above 0 holds the drain until 0 or `drained()` is said."""
        count = max(0, min(count, codec.LARGEST_NUMBER))
        self._owe(packet("SESSIONS", COUNT=count), f"STATUS={count} sessions")

    def drained(self) -> None:
        """Says, in a drain, that no session is left. Before it read the sockets until empty."""
        self._owe(packet("DRAINED"), None)

    def pin(self, peer: tuple[object, ...] | str, on: Socket | int,
            local: tuple[object, ...] | str | None = None) -> None:
        """Pins the flow of a peer to this worker. `local` is what the peer sends to, needed where
        the listener is bound to a wildcard. A refusal comes as an event."""
        self._name("PIN", peer, on, local)

    def unpin(self, peer: tuple[object, ...] | str, on: Socket | int,
              local: tuple[object, ...] | str | None = None) -> None:
        """Ends the flow of a peer: its next datagram counts as a new flow's."""
        self._name("UNPIN", peer, on, local)

    def ask_link(self, to: int | str, worker: int | None = None, label: str = "") -> None:
        """Asks for a link without waiting for it: it comes as an event, or a refusal does."""
        if not self.is_supervised:
            raise Unsupported("no link without a supervisor")
        self._say(_link(to, worker, label))

    def _name(self, verb: str, peer: tuple[object, ...] | str, on: Socket | int,
              local: tuple[object, ...] | str | None) -> None:
        if not self.is_supervised:
            return
        written = [each if isinstance(each, str) or each is None else addresses.write(each)
                   for each in (peer, local)]
        self._say(packet(verb, LISTENER=self._given(on).listener, PEER=written[0],
                         LOCAL=written[1]))

    def _owe(self, owed: Packet, notice: str | None) -> None:
        if self._over is None:
            if notice and self._start.notify:
                channel.notify(self._start.notify, notice)
            return
        # Only the newest of each counts.
        self._owed[owed.verb] = owed
        self._flush()

    def _say(self, what: Packet) -> None:
        if len(self._waiting) >= MOST_WAITING:
            raise BlockingIOError("the supervisor does not read its channel now")
        self._waiting.append((what.encoded(), ()))
        self._flush()

    # Requests

    def _begin(self, ask: Ask, done: Callable[[], None] | None = None) -> tuple[int, Request]:
        if self._over is None:
            raise ServiceEnded("the service is over")
        self._last += 1
        numbered = Packet(ask.packet.verb, [("ID", str(self._last)), *ask.packet.fields])
        request = Request(numbered.encoded(), tuple(ask.descriptors), done)
        if len(request.data) > codec.LONGEST_PACKET:
            raise ValueError("a request of more than 4096 bytes")
        if len(request.descriptors) > codec.MOST_DESCRIPTORS:
            raise ValueError("more than 32 descriptors")
        self._asked[self._last] = request
        self._repeat(request)
        return self._last, request

    def _repeat(self, request: Request) -> None:
        if all(data is not request.data for data, _ in self._waiting):
            self._waiting.append((request.data, request.descriptors))
        self._flush()

    def _give_up(self, number: int, request: Request) -> None:
        self._asked.pop(number, None)
        self._waiting = deque(each for each in self._waiting if each[0] is not request.data)

    def _flow_greet(self) -> Flow[None]:
        inherited = self._start.descriptors() if self._start.inherited else []
        if inherited and len(inherited) == self._start.inherited:
            answers = yield Ask(packet("HELLO", VERSION=1, SOCKETS="no", **self._wishes))
            if self._welcomed(answers, inherited):
                return
        answers = yield Ask(packet("HELLO", VERSION=1, **self._wishes))
        self._welcomed(answers, None)

    def _welcomed(self, answers: list[Answer], inherited: list[tuple[int, str]] | None) -> bool:
        """Takes over what WELCOME brings. False where the sockets were to be inherited and one of
        them is not there; then nothing has been taken over."""
        found: list[GivenSocket] = []
        kept: list[tuple[str, int]] = []
        numbers: list[int] = []
        for message, descriptors in answers:
            lines = message.sockets if isinstance(message, codec.Welcome) else []
            lent = 0 if inherited is not None else len(lines)
            if (not isinstance(message, codec.Welcome)
                    or len(descriptors) != lent + len(message.stored)):
                drop(answers)
                raise Malformed("the supervisor's welcome is not as it should be")
            found += [GivenSocket(line.name, line.address, line.listener, line.slot, line.seal)
                      for line in lines]
            numbers += descriptors[:lent]
            kept += zip(message.stored, descriptors[lent:])
        if inherited is not None:
            numbers = [number for number, _ in inherited[:len(found)]]
        if len(numbers) != len(found) or not all(map(_is_of, numbers, found)):
            drop(answers)
            if inherited is None:
                raise Malformed("the supervisor's sockets are not what it says")
            return False
        if inherited is not None:
            # What is kept has come twice.
            channel.close_all([number for number, _ in inherited[len(found):]])
        for number, given in zip(numbers, found):
            given.number, given.socket = number, inherited_socket(number)
        self.listeners, self._kept = found, kept
        last = answers[-1][0]
        if isinstance(last, codec.Welcome):
            self.service, self.generation = last.service, last.generation
            self.index, self.workers = last.worker, last.workers
        return True

    def _adopt_inherited(self) -> None:
        """What came with LISTEN_FDS alone: IP sockets are listeners, all else was kept."""
        for number, name in self._start.descriptors():
            found = inherited_socket(number)
            if found is not None and found.family in (socket.AF_INET, socket.AF_INET6):
                scheme = "tcp" if found.type == socket.SOCK_STREAM else "udp"
                address = f"{scheme}://{addresses.write(found.getsockname())}"
                self.listeners.append(GivenSocket(name, address, socket=found, number=number))
                continue
            if found is not None:
                found.detach()
            os.set_inheritable(number, False)
            self._kept.append((name, number))

    def _flow_done(self, what: Packet, descriptors: Sequence[int] = ()) -> Flow[None]:
        drop((yield Ask(what, descriptors)))

    def _flow_link(self, to: int | str, worker: int | None, label: str) -> Flow[LinkOffer]:
        if not self.is_supervised:
            raise Unsupported("no link without a supervisor")
        answers = yield Ask(_link(to, worker, label))
        message, descriptors = answers[0]
        if len(answers) != 1 or len(descriptors) != 1 or not isinstance(message, codec.LinkEnd):
            drop(answers)
            raise Malformed("the answer is no link")
        return _offer(message, descriptors[0])

    def _flow_fetch(self) -> Flow[None]:
        answers = yield Ask(packet("FETCH"))
        fresh: list[tuple[str, int]] = []
        for message, descriptors in answers:
            if not isinstance(message, codec.Stored) or len(message.names) != len(descriptors):
                drop(answers)
                raise Malformed("the answer is not what is kept")
            fresh += zip(message.names, descriptors)
        channel.close_all([number for _, number in self._kept])
        self._kept = fresh

    def take(self, name: str) -> int | None:
        """The first descriptor that an earlier worker of this index left under the name, which
        the caller owns; None when there is none, or no more."""
        for place, (each, number) in enumerate(self._kept):
            if each == name:
                del self._kept[place]
                return number
        return None

    # What comes

    def _wants_room(self) -> bool:
        return bool(self._waiting or self._owed)

    def _flush(self) -> None:
        """Sends what there is room for, and is woken by `fileno` when there is more."""
        if self._over is None:
            return
        try:
            while self._waiting:
                if not channel.send_packet(self._over, *self._waiting[0]):
                    break
                self._waiting.popleft()
            for verb in ("READY", "SESSIONS", "DRAINED"):
                if self._waiting or verb not in self._owed:
                    continue
                if not channel.send_packet(self._over, self._owed[verb].encoded()):
                    break
                del self._owed[verb]
        except ServiceEnded:
            # What the other end sent before is there still; its end is read.
            self._waiting.clear()
            self._owed.clear()
        mask = select.EPOLLIN | (select.EPOLLOUT if self._wants_room() else 0)
        self._ready.modify(self._over.fileno(), mask)

    def _take_in(self) -> None:
        """Reads what the channel has, at most so many packets a turn."""
        self._flush()
        for _ in range(MOST_PACKETS):
            if self._over is None:
                return
            try:
                arrival = channel.receive_packet(
                    self._over, codec.LONGEST_PACKET, codec.MOST_DESCRIPTORS)
            except ServiceEnded:
                return self._end()
            if arrival is None:
                return
            self._handle(*arrival)

    def _handle(self, data: bytes | None, descriptors: list[int]) -> None:
        number, message = None, None
        try:
            number, message = codec.read(channel.whole(data))
        except codec.Fault as fault:
            channel.close_all(descriptors)
            if fault.id in self._asked:
                self._answered(fault.id, Malformed(f"the supervisor's answer: {fault}"))
            return
        except Malformed:
            return channel.close_all(descriptors)
        if number is None and message is not None:
            return self._hear(message, descriptors)
        if number not in self._asked or message is None:
            return channel.close_all(descriptors)
        request = self._asked[number]
        if isinstance(message, codec.Refusal):
            channel.close_all(descriptors)
            return self._answered(number, Refused(message.code, message.reason))
        request.answers.append((message, descriptors))
        if not getattr(message, "more", False):
            self._answered(number, None)
        elif len(request.answers) >= MOST_PACKETS:
            self._answered(number, Malformed("an answer without an end"))

    def _answered(self, number: int, error: RelevoError | None) -> None:
        request = self._asked.pop(number)
        request.error, request.is_over = error, True
        if error is not None:
            drop(request.answers)
            request.answers = []
        if request.done is not None:
            request.done()

    def _hear(self, message: Message, descriptors: list[int]) -> None:
        if isinstance(message, codec.LinkEnd) and len(descriptors) == 1:
            return self._post(_offer(message, descriptors[0]))
        channel.close_all(descriptors)
        match message:
            case codec.DrainNotice(deadline, left):
                self._post(Drain(None if left is None else deadline_after(left, deadline)))
            case codec.ResumeNotice():
                self._post(Resume())
            case codec.StopNotice(left):
                self._post(Stop(deadline_after(left, None)))
            case codec.Refusal(code, reason):
                self._post(Refusal(code, reason))

    def _post(self, event: Event) -> None:
        self._events.append(event)
        os.eventfd_write(self._raised, 1)

    def _end(self) -> None:
        """Nobody will answer any more. What the worker has, it keeps."""
        if self._over is None:
            return
        self._ready.unregister(self._over.fileno())
        self._over.close()
        self._over = None
        for number in list(self._asked):
            self._answered(number, ServiceEnded("the service is over"))
        self._waiting.clear()
        self._owed.clear()
        self._post(Ended())

    def next_event(self) -> Event | None:
        """The next thing that the supervisor says, or None when there is none; never waits."""
        if not self._events:
            self._take_in()
        event = self._events.popleft() if self._events else None
        if not self._events:
            self._lower()
        return event

    def _lower(self) -> None:
        try:
            os.eventfd_read(self._raised)
        except BlockingIOError:
            pass


def _link(to: int | str, worker: int | None, label: str) -> Packet:
    return packet("LINK", TO=to, WORKER=worker, LABEL=label or None)


def _offer(end: codec.LinkEnd, number: int) -> LinkOffer:
    over = socket.socket(fileno=number)
    return LinkOffer(over, end.generation, end.worker, end.role == "asked", end.label)


def _is_of(number: int, given: GivenSocket) -> bool:
    """Whether the descriptor is the listener's socket: programs close what they inherit."""
    try:
        is_stream, place = addresses.listener(given.address)
        found = socket.socket(fileno=number)
    except (OSError, ValueError):
        return False
    try:
        kind = socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM
        return (found.family in (socket.AF_INET, socket.AF_INET6) and found.type == kind
                and bool(found.getsockname()[1] == place[1]))
    finally:
        found.detach()
