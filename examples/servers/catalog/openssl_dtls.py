"""openssl s_server with DTLS: it connects the socket that it has bound to its one client."""

import asyncio
import subprocess
from contextlib import suppress

from kit.server import Server, output
from kit.sessions import LIMIT, Broken, Session, TurnLoad
from kit.tally import Tally

ADDRESS = "127.0.0.1:4433"


class DTLSSession(Session):
    """openssl s_client; what it sends must come back."""

    def __init__(self):
        self.sent = 0
        self.process: asyncio.subprocess.Process | None = None

    async def open(self) -> bool:
        self.process = await asyncio.create_subprocess_exec(
            "openssl", "s_client", "-dtls1_2", "-connect", ADDRESS,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL)
        try:
            return await self.exchange()
        except Broken:
            return False

    async def exchange(self) -> bool:
        """Whether a line comes back in time, behind what the client tells of the connection."""
        self.sent += 1
        line = b"number %d\n" % self.sent
        try:
            async with asyncio.timeout(LIMIT):
                self.process.stdin.write(line)
                while got := await self.process.stdout.readline():
                    if got == line:
                        return True
        except TimeoutError:
            return False
        raise Broken("the connection was ended")

    async def close(self) -> None:
        if self.sent > 1:
            # The client tells the server, which then takes the next one.
            self.process.stdin.write(b"Q\n")
        else:
            with suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()


class OpenSSL(Server):
    load_text = "one session after the other, lines echoed"
    packages = ["openssl"]
    listen = [f"udp://{ADDRESS}"]

    def __init__(self, folder):
        super().__init__(folder)
        self.turns = TurnLoad(DTLSSession)

    def version(self) -> str:
        return f"OpenSSL {output('openssl', 'version').split()[1]}, s_server, DTLS"

    def prepare(self) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out",
             "certificate.pem"], cwd=self.folder, check=True, stderr=subprocess.DEVNULL)

    def command(self) -> list[str]:
        # It stays with its first client, so a loop starts it again: the next process binds the same
        # address. It prints what it receives and sends what it reads: a pipe makes that an echo.
        server = ("openssl s_server -dtls1_2 -listen -naccept 1 -quiet "
                  f"-accept {ADDRESS} -cert certificate.pem -key key.pem <>echo.$$ >&0")
        return ["sh", "-c", f"mkfifo echo.$$; while :; do {server}; done"]

    async def probe(self) -> bool:
        session = DTLSSession()
        try:
            return await session.open() and await session.exchange()
        finally:
            await session.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        await self.turns.run(tally, stop)

    def check(self, times: int) -> str | None:
        return self.turns.check(times)


SERVER = OpenSSL
