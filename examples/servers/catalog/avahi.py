"""avahi-daemon, a responder for multicast DNS: every question is answered, and answered once."""

import asyncio
import itertools
import socket
import struct
from pathlib import Path

from kit.network import HERE, Neighbour
from kit.server import Server, output
from kit.sessions import pause
from kit.tally import Tally

GROUP = ("224.0.0.251", 5353)
#: Where it has its PID file and its socket.
FOLDER = Path("/run/avahi-daemon")
#: Seconds in which a second answer would come.
WHILE = 0.5


class Avahi(Server):
    load_text = "questions to the group, each answered once"
    packages = ["avahi-daemon"]
    listen = ["udp://0.0.0.0:5353"]
    # Every question stands for itself; the PID file is a lock. It answers only when it has asked thrice
    # whether somebody else has its name (RFC 6762, 8.1), and tells nobody when that is.
    options = ["--steering", "stateless", "--private", str(FOLDER), "--ready", "alive:2s"]
    drains = True
    gap = 3.0

    def version(self) -> str:
        return "Avahi " + output("avahi-daemon", "--version").split()[-1]

    def prepare(self) -> None:
        FOLDER.mkdir(exist_ok=True)
        self.write("avahi.conf", """
[server]
host-name=relevo
use-ipv6=no
enable-dbus=no
allow-interfaces=cable
""")

    def command(self) -> list[str]:
        # It reports with sd_notify(3), but never that it is ready.
        return ["env", "-u", "NOTIFY_SOCKET", "avahi-daemon", "--no-drop-root", "--no-chroot",
                "--no-rlimits", "--file", f"{self.folder}/avahi.conf"]

    async def helpers(self, stack) -> None:
        # A group needs a network that has some.
        await Neighbour.beside(stack)
        self.client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client.setblocking(False)
        self.client.setsockopt(
            socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(HERE))
        stack.callback(self.client.close)
        self.answers: dict[int, int] = {}
        self.numbers = itertools.count(1)
        asyncio.get_running_loop().add_reader(self.client, self.read)
        stack.callback(asyncio.get_running_loop().remove_reader, self.client)

    def read(self) -> None:
        number, _, _, records = struct.unpack_from(">4H", self.client.recv(9000))
        if records and number in self.answers:
            self.answers[number] += 1

    async def ask(self) -> int:
        """How many answers there are to one question."""
        number = next(self.numbers) % 65536
        self.answers[number] = 0
        self.client.sendto(
            struct.pack(">6H", number, 0, 1, 0, 0, 0) + b"\6relevo\5local\0"
            + struct.pack(">2H", 1, 1), GROUP)
        await asyncio.sleep(WHILE)
        return self.answers.pop(number)

    async def probe(self) -> bool:
        return await self.ask() == 1

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        running: set[asyncio.Task] = set()

        def count(task: asyncio.Task) -> None:
            running.discard(task)
            answers = task.result()
            tally.answered() if answers == 1 else tally.fail(f"{answers} answers")

        while not stop.is_set():
            running.add(task := asyncio.create_task(self.ask()))
            task.add_done_callback(count)
            await pause(stop, 0.05)
        await asyncio.gather(*running)


SERVER = Avahi
