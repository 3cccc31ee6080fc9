"""DNS: a slow upstream, and the load of a resolver or forwarder."""

import asyncio
import random
import re
import signal
import struct

from kit.datagrams import Asker
from kit.server import Server
from kit.sessions import LIMIT, pause
from kit.tally import Tally

UPSTREAM = 5301
#: How long the upstream takes, in seconds: at any moment some answers are in flight.
DELAY = (0.02, 0.12)


def question(name: str) -> bytes:
    """A question for an A record, without the number in front."""
    labels = b"".join(bytes([len(each)]) + each.encode() for each in name.split("."))
    return struct.pack(">5H", 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)


def number(message: bytes) -> int:
    """The number that an answer shares with its question."""
    return int.from_bytes(message[:2], "big")


def is_answer(message: bytes | None) -> bool:
    """Whether it is an answer without error that holds a record."""
    return message is not None and len(message) > 12 and message[3] & 15 == 0 and message[7] > 0


def authoritative(query: bytes) -> bytes:
    """An A record for every name; nothing for other types."""
    end = 12
    while query[end]:
        end += query[end] + 1
    kind = struct.unpack_from(">H", query, end + 1)[0]
    answers = 1 if kind == 1 else 0
    record = b"\xc0\x0c" + struct.pack(">2HIH", 1, 1, 60, 4) + bytes([192, 0, 2, 1])
    head = query[:2] + struct.pack(">5H", 0x8580, 1, answers, 0, 0)
    return head + query[12:end + 5] + record * answers


class SlowUpstream(asyncio.DatagramProtocol):
    """An authoritative server that takes its time."""

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, peer) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(random.uniform(*DELAY), self.answer, authoritative(data), peer)

    def answer(self, data: bytes, peer) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(data, peer)


async def slow_connection(reader, writer) -> None:
    """The same over TCP: dnsmasq asks upstream as it was asked."""
    try:
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            query = await reader.readexactly(length)
            await asyncio.sleep(random.uniform(*DELAY))
            data = authoritative(query)
            writer.write(struct.pack(">H", len(data)) + data)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


class DNSServer(Server):
    """A resolver that asks the slow upstream for half of what it is asked."""

    load_text = "500 queries/s by dnsperf, 20 to 120 ms upstream; some over TCP"
    packages = ["dnsperf"]
    drains = True
    gap = 3.0
    port = 5300
    listen = ["udp://127.0.0.1:5300", "tcp://127.0.0.1:5300"]
    # dnsperf asks from a few sockets for ever, and every query stands for itself: with flow
    # steering an old process would never be without flows. The linger is longer than the slowest
    # answer from upstream.
    options = ["--steering", "stateless", "--linger", "500ms"]

    async def helpers(self, stack) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            SlowUpstream, local_addr=("127.0.0.1", UPSTREAM))
        stack.callback(transport.close)
        streams = await asyncio.start_server(slow_connection, "127.0.0.1", UPSTREAM)
        stack.callback(streams.close)

    async def probe(self) -> bool:
        asker = await Asker.to(("127.0.0.1", self.port), number)
        try:
            return is_answer(await asker.ask(7, b"\0\7" + question("probe.example.com"), 1))
        finally:
            asker.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.dnsperf(tally, stop))
            group.create_task(self.connections(tally, stop))

    async def dnsperf(self, tally: Tally, stop: asyncio.Event) -> None:
        """dnsperf's own figures; an answer other than NOERROR has failed as well."""
        lines = (f"hot.example.com A\nn{count}.example.com A\n" for count in range(200_000))
        process = await asyncio.create_subprocess_exec(
            "dnsperf", "-s", "127.0.0.1", "-p", str(self.port), "-d",
            self.write("queries", "".join(lines)), "-Q", "500", "-q", "20000", "-c", "4",
            "-t", str(LIMIT), "-l", "3600",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        printing = asyncio.create_task(process.stdout.read())
        await stop.wait()
        process.send_signal(signal.SIGINT)
        text = (await printing).decode()
        await process.wait()
        count = lambda what: int(re.search(what + r":\s+(\d+)", text).group(1))
        completed, lost = count("Queries completed"), count("Queries lost")
        good = re.search(r"NOERROR (\d+)", text)
        wrong = completed - (int(good.group(1)) if good else 0)
        tally.answered(completed - wrong)
        if lost:
            tally.fail("query without an answer", lost)
        if wrong:
            tally.fail("answer with an error", wrong)

    async def connections(self, tally: Tally, stop: asyncio.Event) -> None:
        """A new TCP connection for every query."""
        running: set[asyncio.Task] = set()
        while not stop.is_set():
            task = asyncio.create_task(self.connection(tally))
            running.add(task)
            task.add_done_callback(running.discard)
            await pause(stop, 0.05)
        await asyncio.gather(*running)

    async def connection(self, tally: Tally) -> None:
        request = b"\0\7" + question(f"t{random.getrandbits(32)}.example.com")
        try:
            async with asyncio.timeout(LIMIT):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(struct.pack(">H", len(request)) + request)
                length = struct.unpack(">H", await reader.readexactly(2))[0]
                answer = await reader.readexactly(length)
                writer.close()
            if is_answer(answer):
                tally.answered()
            else:
                tally.fail("TCP answer with an error")
        except TimeoutError:
            tally.fail("TCP query without an answer")
        except (OSError, asyncio.IncompleteReadError) as error:
            tally.fail(f"TCP: {type(error).__name__}")


class AuthoritativeServer(DNSServer):
    """A server that has the answers in a zone of its own."""

    load_text = "500 queries/s by dnsperf; some over TCP"
    gap = 3.0
    options = ["--steering", "stateless"]

    async def helpers(self, stack) -> None:
        """It asks nobody."""

    def write_zone(self) -> str:
        """Writes example.com, in which every name has an address."""
        return self.write("example.com.zone", """\
$ORIGIN example.com.
$TTL 60
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
* A 192.0.2.1
""")
