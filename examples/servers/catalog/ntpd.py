"""ntpd of NTPsec, which binds every address by itself, and may not set the clock here. Debian has it installed in the place
of chrony, so it runs in a root folder of its own."""

import asyncio
import os
import struct

from catalog.chrony import Chrony
from kit import newer
from kit.datagrams import Asker
from kit.server import output
from kit.sessions import LIMIT

ADDRESS = ("127.0.0.1", 123)


class NTPd(Chrony):
    packages = []
    newer = ["ntpsec"]
    listen = ["udp://0.0.0.0:123"]
    options = ["--steering", "stateless"]

    def version(self) -> str:
        return "ntpd (NTPsec) " + output(*newer.command("ntpd", "--version")).split("-")[1].split("+")[0]

    def prepare(self) -> None:
        newer.enter(self.folder)
        # All the load comes from one address, of which it would answer one request a second.
        self.write("ntp.conf", """
refclock local
restrict default nomodify
limit average 1000 burst 1000
""")

    def command(self) -> list[str]:
        return ["setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time",
                *newer.command("ntpd", "-n", "-g", "-c", f"{self.folder}/ntp.conf",
                               "-p", f"{self.folder}/ntpd.pid")]

    async def ask(self) -> bool:
        mine = os.urandom(8)
        asker = await Asker.to(ADDRESS, lambda data: data[24:32])
        answer = await asker.ask(mine, struct.pack(">B39x", 4 << 3 | 3) + mine, LIMIT)
        asker.close()
        return answer is not None and answer[0] & 7 == 4


SERVER = NTPd
