"""FreeRADIUS: access requests, each answered and signed."""

import asyncio
import hashlib
import os
import random
import struct

from kit.datagrams import Asker
from kit.server import Server, output
from kit.sessions import LIMIT, pause
from kit.tally import Tally

ADDRESS = ("127.0.0.1", 1812)
SECRET = b"testing123"


def access_request(number: int, authenticator: bytes) -> bytes:
    """RFC 2865, section 5.2: the password is hidden by a digest of the secret."""
    password = bytes(
        each ^ mask for each, mask in zip(
            b"secret".ljust(16, b"\0"), hashlib.md5(SECRET + authenticator).digest()))
    attributes = bytes([1, 6]) + b"user" + bytes([2, 18]) + password
    return struct.pack(">BBH", 1, number, 20 + len(attributes)) + authenticator + attributes


def is_accept(answer: bytes | None, authenticator: bytes) -> bool:
    """Whether it accepts, and is signed for this request."""
    if answer is None or answer[0] != 2:
        return False
    signed = hashlib.md5(answer[:4] + authenticator + answer[20:] + SECRET).digest()
    return signed == answer[4:20]


class FreeRADIUS(Server):
    load_text = "access requests from 8 ports"
    packages = ["freeradius"]
    listen = [f"udp://{ADDRESS[0]}:{ADDRESS[1]}"]
    # An access server asks from one port for ever, and every request stands for itself.
    options = ["--steering", "stateless"]
    drains = True
    gap = 3.0

    def version(self) -> str:
        text = output("freeradius", "-v").split("Version ")[1]
        return "FreeRADIUS " + text.split(",")[0].split()[0]

    def prepare(self) -> None:
        self.write("dictionary", "$INCLUDE /usr/share/freeradius/dictionary\n")
        self.write("radiusd.conf", f"""
prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = {self.folder}
logdir = {self.folder}
run_dir = {self.folder}
max_requests = 16384
security {{
    reject_delay = 0
    allow_vulnerable_openssl = yes
}}
client load {{
    ipaddr = 127.0.0.1
    secret = {SECRET.decode()}
    require_message_authenticator = no
}}
modules {{
    pap {{ }}
}}
server default {{
    listen {{
        type = auth
        ipaddr = {ADDRESS[0]}
        port = {ADDRESS[1]}
    }}
    authorize {{
        update control {{
            Cleartext-Password := "secret"
        }}
        pap
    }}
    authenticate {{
        Auth-Type PAP {{
            pap
        }}
    }}
}}
""")
        (self.folder / "radiusd.conf").chmod(0o600)

    def command(self) -> list[str]:
        return ["freeradius", "-f", "-l", "stdout", "-d", str(self.folder), "-n", "radiusd"]

    async def probe(self) -> bool:
        asker = await Asker.to(ADDRESS, lambda data: data[1])
        try:
            return await self.ask(asker, 0)
        finally:
            asker.close()

    async def ask(self, asker: Asker, number: int) -> bool:
        """One request."""
        authenticator = os.urandom(16)
        answer = await asker.ask(number, access_request(number, authenticator), LIMIT)
        return is_accept(answer, authenticator)

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        await asyncio.gather(*(self.client(tally, stop) for _ in range(8)))

    async def client(self, tally: Tally, stop: asyncio.Event) -> None:
        """Asks without waiting for the answer to the last request."""
        asker = await Asker.to(ADDRESS, lambda data: data[1])
        running: set[asyncio.Task] = set()
        number = 0

        def count(task: asyncio.Task) -> None:
            running.discard(task)
            tally.answered() if task.result() else tally.fail("not accepted")

        while not stop.is_set():
            number = (number + 1) % 256
            running.add(task := asyncio.create_task(self.ask(asker, number)))
            task.add_done_callback(count)
            await pause(stop, random.uniform(0.02, 0.06))
        await asyncio.gather(*running)
        asker.close()


SERVER = FreeRADIUS
