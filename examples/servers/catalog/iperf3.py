"""iperf3 with UDP: a connection over TCP beside it, and one test at a time."""

import asyncio
import json

from kit.server import Server, output
from kit.sessions import pause
from kit.tally import Tally

ADDRESS = ("127.0.0.1", 5201)
#: How long a test takes, in seconds: longer than the time from one replacement to the next.
LENGTH = 10


class IPerf3(Server):
    load_text = "one test after the other, 100 datagrams a second"
    packages = ["iperf3"]
    # It binds UDP only when a test is asked for over TCP, and connects that socket to the client.
    listen = [f"tcp://{ADDRESS[0]}:{ADDRESS[1]}"]

    def __init__(self, folder):
        super().__init__(folder)
        self.begun = 0

    def version(self) -> str:
        return f"iperf {output('iperf3', '--version').split()[1]}, UDP"

    def command(self) -> list[str]:
        return ["iperf3", "--server", "--bind", ADDRESS[0], "--port", str(ADDRESS[1])]

    async def test(self, seconds: int) -> dict:
        """What the client reports at the end."""
        process = await asyncio.create_subprocess_exec(
            "iperf3", "--client", ADDRESS[0], "--port", str(ADDRESS[1]), "--udp", "--length", "500",
            "--bitrate", "400k", "--time", str(seconds), "--json",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
        text, _ = await process.communicate()
        return json.loads(text)

    async def probe(self) -> bool:
        return "error" not in await self.test(1)

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        running: set[asyncio.Task] = set()
        while not stop.is_set():
            running.add(asyncio.create_task(self.one(tally)))
            await pause(stop, 0.3)
        await asyncio.gather(*running)

    async def one(self, tally: Tally) -> None:
        """A test, unless the server has one."""
        report = await self.test(LENGTH)
        if not report["start"].get("connected"):
            return
        self.begun += 1
        tally.open()
        if error := report.get("error"):
            tally.break_off(error)
            return
        total = report["end"]["sum"]
        tally.answered(total["packets"] - total["lost_packets"])
        if total["lost_packets"]:
            tally.fail("datagram lost", total["lost_packets"])

    def check(self, times: int) -> str | None:
        return None if self.begun > times else f"{self.begun} tests with {times + 1} versions"


SERVER = IPerf3
