"""srt-live-transmit as a listener: one caller at a time, whose socket is the listener's."""

import asyncio

from kit.server import Server, output
from kit.sessions import LIMIT, Broken, Session, TurnLoad
from kit.tally import Tally

ADDRESS = "127.0.0.1:9710"
LINE = 1316


class Stream(Session):
    """srt-live-transmit as the caller; the stream must go on without a gap."""

    def __init__(self):
        self.last: int | None = None

    async def open(self) -> bool:
        self.process = await asyncio.create_subprocess_exec(
            "srt-live-transmit", "-q", "-a:no", f"-chunk:{LINE}",
            f"srt://{ADDRESS}?mode=caller&latency=120", "file://con",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL)
        try:
            return await self.exchange()
        except Broken:
            return False

    async def exchange(self) -> bool:
        try:
            async with asyncio.timeout(LIMIT):
                data = await self.process.stdout.readexactly(LINE)
        except TimeoutError:
            return False
        except asyncio.IncompleteReadError as error:
            raise Broken("the connection was ended") from error
        number = int(data)
        if self.last not in (None, number - 1):
            raise Broken("a gap in the stream")
        self.last = number
        return True

    async def close(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


class SRT(Server):
    load_text = "one stream after the other, 20 datagrams a second"
    packages = ["srt-tools"]
    listen = [f"udp://{ADDRESS}"]
    # A stream is never silent for 3 s.
    options = ["--idle-timeout", "3s"]

    def __init__(self, folder):
        super().__init__(folder)
        self.turns = TurnLoad(Stream)

    def version(self) -> str:
        return "SRT " + output("srt-live-transmit", "-version").split("version: ")[1].split()[0]

    def command(self) -> list[str]:
        return ["sh", "-c",
                "i=0; while :; do i=$((i+1)); printf '%1316d' $i; sleep 0.05; done | exec "
                f"srt-live-transmit -q -chunk:{LINE} file://con 'srt://{ADDRESS}?mode=listener'"]

    async def probe(self) -> bool:
        stream = Stream()
        try:
            return await stream.open()
        finally:
            await stream.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        await self.turns.run(tally, stop)

    def check(self, times: int) -> str | None:
        return self.turns.check(times)


SERVER = SRT
