"""snmpd (Net-SNMP): each client learns engine and time first, and walks a table then."""

import asyncio
import random

from kit.server import Server, output
from kit.sessions import LIMIT, pause
from kit.tally import Tally

ADDRESS = "127.0.0.1:1161"
#: SNMPv3, signed and encrypted; nothing is sent twice.
CLIENT = ["-v3", "-l", "authPriv", "-u", "user", "-a", "SHA", "-A", "first-secret", "-x", "AES",
          "-X", "other-secret", "-r", "0", "-t", str(LIMIT), "-On", ADDRESS]


class SNMPD(Server):
    load_text = "SNMPv3 by snmpget and snmpwalk: one answer, and hundreds"
    packages = ["snmpd", "snmp"]
    listen = [f"udp://{ADDRESS}"]
    # A client that has learnt the engine's time from one process talks to that one: the other has
    # another. No client is silent for 3 s.
    options = ["--idle-timeout", "3s"]

    def version(self) -> str:
        return "Net-SNMP " + output("snmpd", "-v").split("version:")[1].split()[0]

    def prepare(self) -> None:
        self.write("snmpd.conf", f"""
agentaddress udp:{ADDRESS}
createUser user SHA first-secret AES other-secret
rouser user priv
""")

    def command(self) -> list[str]:
        # What it writes when it ends (users, its count of boots) is the folder's.
        return ["env", f"SNMP_PERSISTENT_DIR={self.folder}/state", "snmpd", "-f", "-Lo", "-C", "-c",
                f"{self.folder}/snmpd.conf"]

    async def client(self, program: str, what: str) -> int:
        """How many values the client got; 0 if it was not content."""
        process = await asyncio.create_subprocess_exec(
            program, *CLIENT, what, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL)
        text, _ = await process.communicate()
        return 0 if process.returncode else text.count(b" = ")

    async def probe(self) -> bool:
        return await self.client("snmpget", "1.3.6.1.2.1.1.3.0") == 1

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        clients = [("snmpget", "1.3.6.1.2.1.1.3.0")] * 4 + [("snmpwalk", "1.3.6.1.2.1.4")]
        running: set[asyncio.Task] = set()

        def count(task: asyncio.Task) -> None:
            running.discard(task)
            got = task.result()
            tally.answered(got) if got else tally.fail("the client was not content")

        while not stop.is_set():
            running.add(task := asyncio.create_task(self.client(*random.choice(clients))))
            task.add_done_callback(count)
            await pause(stop, 0.1)
        await asyncio.gather(*running)


SERVER = SNMPD
