"""What every server of the catalog says about itself."""

import asyncio
import subprocess
from contextlib import AsyncExitStack
from pathlib import Path

from kit.tally import Tally

HERE = Path(__file__).resolve().parent.parent
PROGRAMS = HERE / "programs"


class Server:
    """A server as its manual starts it in the foreground, and the load that its clients make."""

    #: What the table says was loaded.
    load_text = ""
    #: Debian packages of the server and its clients.
    packages: list[str] = []
    #: Packages of a newer Debian, for a server that Debian 12 has too old.
    newer: list[str] = []
    #: PyPI packages.
    modules: list[str] = []
    #: What Relevo is told to listen on.
    listen: list[str] = []
    #: The other options of `relevo run`; each with a comment why.
    options: list[str] = []
    #: What an upgrade costs its clients all the same, and why; nothing else may be lost.
    costs = ""
    #: For how many seconds after an upgrade; what fails later is an error.
    costs_seconds = 0.0
    #: Stateless servers are waited for until the old process is gone; sessions keep the others.
    drains = False
    #: Seconds between one restart, or upgrade, and the next: longer than a request's time limit.
    gap = 6.0
    #: Seconds between two chunks of what it sends, where the servers here do that.
    pace = 0.05
    #: Whether it sends files as fast as it can, so that what takes its time is many of them.
    pieces = False
    #: Seconds after which a plain restart kills a server that does not heed the stop signal.
    stop_timeout = 10.0

    def __init__(self, folder: Path):
        self.folder = folder

    def version(self) -> str:
        """The server's own word for its version."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Writes the configuration into the folder."""

    def command(self) -> list[str]:
        """The command line, in the foreground."""
        raise NotImplementedError

    async def helpers(self, stack: AsyncExitStack) -> None:
        """Starts what the server talks to besides its clients."""

    async def probe(self) -> bool:
        """Asks once whether the server answers."""
        raise NotImplementedError

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        """Loads the server until told to stop, then finishes what is in flight."""
        raise NotImplementedError

    def check(self, times: int) -> str | None:
        """What is wrong after so many replacements, as far as the clients can tell."""
        return None

    def write(self, name: str, text: str) -> str:
        """Writes a file into the folder and returns its path."""
        path = self.folder / name
        path.write_text(text)
        return str(path)


def output(*command: str) -> str:
    """What a program prints, errors included."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout.strip()
