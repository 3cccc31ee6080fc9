"""The two ways to bring a new version of a server into service."""

import asyncio
import json
import os
import signal
from pathlib import Path

from kit.server import Server


class Trouble(Exception):
    """The run itself went wrong, whatever the load says."""


class Keeper:
    """Starts a server, replaces it under load, stops it."""

    def __init__(self, server: Server, name: str):
        self.server = server
        self.name = name
        self.log = server.folder / f"{name}.log"
        self.process: asyncio.subprocess.Process | None = None

    async def spawn(self, command: list[str], **environment: str) -> None:
        """Starts the command as the kept process; all it prints goes to the log."""
        with open(self.log, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.server.folder, env={**os.environ, **environment}, start_new_session=True)

    def check_alive(self) -> None:
        """The kept process must not have ended by itself."""
        if self.process is None or self.process.returncode is not None:
            raise Trouble(f"{self.name}: ended by itself\n{self.tail()}")

    async def until_it_answers(self) -> None:
        """Asks until the server answers."""
        async with asyncio.timeout(30):
            while not await self.server.probe():
                self.check_alive()
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """Ends whatever is left of the kept process and its children."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        await self.process.wait()

    def tail(self, lines: int = 25) -> str:
        """The last lines that were printed."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Plain(Keeper):
    """What a service manager does: stop signal, wait for the end, start."""

    async def start(self) -> None:
        await self.spawn(self.server.command())
        await self.until_it_answers()

    async def replace(self) -> None:
        await self.stop()
        await self.spawn(self.server.command())

    async def stop(self) -> None:
        self.check_alive()
        self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self.server.stop_timeout):
                await self.process.wait()
        except TimeoutError:
            pass
        await self.kill()

    async def check(self, times: int) -> None:
        self.check_alive()


class Relevo(Keeper):
    """`relevo run` and `relevo upgrade`."""

    async def start(self) -> None:
        command = ["relevo", "run", "--name", self.server.folder.name]
        for address in self.server.listen:
            command += ["--listen", address]
        command += [*self.server.options, "--", *self.server.command()]
        with open(self.log, "a") as log:
            log.write("$ " + " ".join(command) + "\n")
        await self.spawn(command, RUNTIME_DIRECTORY=self.runtime)
        await self.until_it_answers()

    async def replace(self) -> None:
        wait = ["--wait", "drained"] if self.server.drains else []
        await self.relevo("upgrade", *wait)

    async def stop(self) -> None:
        await self.relevo("stop", "--drain-timeout", "0")
        try:
            async with asyncio.timeout(30):
                await self.process.wait()
        except TimeoutError:
            raise Trouble(f"the supervisor did not stop\n{self.tail()}") from None

    async def check(self, times: int) -> None:
        """Every upgrade must have happened, and nothing been dropped by the kernel."""
        self.check_alive()
        status = json.loads(await self.relevo("status", "--json"))
        with open(self.server.folder / "status.json", "w") as file:
            json.dump(status, file, indent=1)
        if status["current"] != times + 1:
            raise Trouble(f"generation {status['current']} is current after {times} upgrades")
        for listener in status["listeners"]:
            drops = listener["counters"]["drops"]
            # What came for a session that went with the old process is of no use to the new one.
            if drops and not self.server.costs:
                raise Trouble(f"{listener['address']}: {drops} drops for want of room")

    @property
    def runtime(self) -> str:
        return str(Path(self.server.folder) / "run")

    async def relevo(self, *arguments: str) -> str:
        """Runs the command line against the service; its failure is the run's."""
        process = await asyncio.create_subprocess_exec(
            "relevo", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "RUNTIME_DIRECTORY": self.runtime})
        printed, errors = await process.communicate()
        if process.returncode != 0:
            raise Trouble(
                f"relevo {' '.join(arguments)}: exit code {process.returncode}\n"
                f"{errors.decode()}\n{self.tail()}")
        return printed.decode()
