"""python3 -m kit.wrapped [NAME...]: servers of Debian run by their own units, which `relevo wrap` wraps."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from kit.keepers import Trouble
from kit.measure import let_run, without_connection_errors
from kit.server import HERE
from kit.tally import Tally
from kit.units import UNITS, Unit

PROJECT = HERE.parent.parent
#: Steps in which nothing may be lost, with what the table calls them.
STEPS = {
    "wrap": "wrap", "package": "package upgrade", "reload": "reload", "rollback": "rollback",
    "restart": "restart", "killed": "supervisor killed", "unwrap": "unwrap"}
#: What of a unit tells that it is as before.
TOLD = ["ExecStart", "ExecStop", "ExecReload", "Type", "KillMode", "Restart", "DropInPaths",
        "CapabilityBoundingSet", "AmbientCapabilities", "SystemCallFilter", "FileDescriptorStoreMax"]


def sh(*command: str) -> str:
    """What a command prints; its failure is the run's."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Trouble(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout.strip()


class Run:
    """One server in this machine, step by step."""

    def __init__(self, name: str, unit: Unit, packages: Path):
        self.name, self.unit, self.packages = name, unit, packages
        folder = Path(tempfile.mkdtemp(prefix=f"wrapped-{name}."))
        folder.chmod(0o755)
        self.server = unit.clients(folder)
        self.service = unit.unit
        self.counts: dict[str, list[int]] = {}
        self.current = 0

    async def go(self) -> dict:
        """All steps."""
        for path, text in self.unit.files.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text)
        asyncio.get_running_loop().set_exception_handler(without_connection_errors)
        async with AsyncExitStack() as stack:
            await self.server.helpers(stack)
            await self.call("systemctl", "restart", self.unit.unit)
            await self.until_it_answers()
            before = self.told()
            await self.lossless("wrap", "relevo", "wrap", self.unit.unit, *self.unit.wrap)
            # The last one that clients notice.
            await self.call("systemctl", "restart", self.unit.unit)
            await self.until_it_answers()
            await self.until({1})
            inode = os.stat(self.program()).st_ino
            await self.lossless(
                "package", "dpkg", "--force-unsafe-io", "--force-confold", "-i",
                *map(str, sorted(self.packages.glob(f"{self.unit.package}_*.deb"))), then={2})
            if os.stat(self.program()).st_ino == inode:
                raise Trouble(f"{self.program()} is the same file as before")
            await self.lossless("reload", "systemctl", "reload", self.unit.unit, then={3})
            # The very generation before, where that drains still; else its program in a new one.
            await self.lossless("rollback", "relevo", "rollback", self.service, then={2, 4})
            now = {self.current}
            await self.lossless("restart", "systemctl", "restart", self.unit.unit, then=now)
            await self.lossless("killed", "systemctl", "kill", "-s", "KILL", "--kill-whom=main",
                                self.unit.unit, then=now)
            await self.lossless("unwrap", "relevo", "unwrap", "--force", self.unit.unit)
            await self.call("systemctl", "restart", self.unit.unit)
            await self.until_it_answers()
            after = self.told()
            if before != after:
                raise Trouble(f"the unit is not as before:\n{before}\n{after}")
            left = subprocess.run(["pgrep", "-l", "^relevo"], stdout=subprocess.PIPE, text=True)
            if left.stdout:
                raise Trouble(f"left over: {left.stdout}")
            await self.call("systemctl", "stop", self.unit.unit)
        return {"version": self.server.version(), "counts": self.counts}

    def told(self) -> str:
        return sh("systemctl", "show", self.unit.unit, *(f"-p{each}" for each in TOLD)).replace(
            "start_time", "\nstart_time").split("\nstart_time")[0] + sh(
            "systemctl", "show", self.unit.unit, *(f"-p{each}" for each in TOLD[3:]))

    def program(self) -> str:
        """The file that a package replaces."""
        status = json.loads(sh("relevo", "status", self.service, "--json"))
        current = next(each for each in status["generations"] if each["id"] == status["current"])
        return current["program"]["path"]

    async def call(self, *command: str) -> None:
        """The load goes on meanwhile."""
        await asyncio.to_thread(sh, *command)

    async def until_it_answers(self) -> None:
        async with asyncio.timeout(30):
            while not await self.server.probe():
                await asyncio.sleep(0.05)

    async def until(self, numbers: set[int]) -> None:
        """Waits until one of these generations is current; the supervisor may be away for a while."""
        status = None
        try:
            async with asyncio.timeout(60):
                while True:
                    try:
                        status = json.loads(
                            await asyncio.to_thread(sh, "relevo", "status", self.service, "--json"))
                        if status.get("current") in numbers:
                            self.current = status["current"]
                            return
                    except Trouble:
                        pass
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Trouble(f"{self.service} does not get there: {json.dumps(status)[:2000]}") from None

    async def lossless(self, step: str, *command: str, then: set[int] | None = None) -> None:
        """One command under load, of which no client may notice anything."""
        tally, stop = Tally(), asyncio.Event()
        load = asyncio.create_task(self.server.load(tally, stop))
        await let_run(load, 1)
        await self.call(*command)
        if then is not None:
            await self.until(then)
        # Longer than the old generation lingers, so that its end is seen too.
        await let_run(load, 3)
        stop.set()
        async with asyncio.timeout(90):
            await load
        self.counts[step] = [
            tally.requests, tally.failed + tally.broken, tally.sessions]
        print(f"   {self.name}: {STEPS[step]}: {tally}", flush=True)


def inside(name: str, packages: Path, report: Path) -> int:
    """In the machine."""
    run = Run(name, UNITS[name], packages)
    try:
        said = asyncio.run(run.go())
    except Exception as error:
        told = str(error) if isinstance(error, Trouble) else repr(error)
        said = {"version": name, "counts": run.counts, "trouble": told}
        journal = subprocess.run(
            ["journalctl", "-q", "--no-pager", "-o", "cat", "-n", "60", "-u", run.unit.unit],
            stdout=subprocess.PIPE, text=True)
        print(f"{name}: WENT WRONG: {told}\n{journal.stdout}", flush=True)
    report.write_text(json.dumps(said))
    return 0


def outside(name: str, programs: Path, packages: Path) -> dict:
    """Boots a machine of its own for the server."""
    with tempfile.TemporaryDirectory(prefix="relevo-wrapped.") as folder:
        machine = subprocess.Popen(
            [str(PROJECT / "Tests/systemd/machine"), "-b", f"{programs}:/opt/relevo",
             "-b", f"{HERE}:/opt/servers", "-b", f"{packages}:/opt/packages",
             "-b", f"{folder}:/opt/report"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            line = machine.stdout.readline().split()
            if not line:
                raise Trouble("no systemd can be run here")
            enter = ["nsenter", "-t", line[1], "-m", "-u", "-i", "-n", "-p", "-C", "--", "env",
                     "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
                     "DEBIAN_FRONTEND=noninteractive", "PYTHONPATH=/opt/servers"]
            # Packages start what they bring, as on any machine. It has no such thing as a journal of its own.
            sh(*enter, "sh", "-c", "rm -f /usr/sbin/policy-rc.d; "
               "ln -sf /opt/relevo/relevo /opt/relevo/relevod /usr/bin/")
            subprocess.run([*enter, "python3", "-B", "-m", "kit.wrapped", "--inside", name],
                           cwd="/", check=False)
        finally:
            machine.stdin.close()
            machine.wait()
        report = Path(folder) / "report.json"
        if not report.exists():
            return {"version": name, "counts": {}, "trouble": "ended early"}
        return json.loads(report.read_text())


def is_good(said: dict) -> bool:
    """Whether every step was made, under load, and nothing was lost in any."""
    return "trouble" not in said and all(
        said["counts"].get(step, [0, 1, 0])[0] > 0 and said["counts"][step][1] == 0
        for step in STEPS)


def table(rows: dict[str, dict]) -> str:
    """One line a server: failed requests and broken sessions, of so many."""
    lines = ["| server | " + " | ".join(STEPS.values()) + " |", "|---" * (len(STEPS) + 1) + "|"]
    for said in rows.values():
        cells = []
        for step in STEPS:
            count = said["counts"].get(step)
            cells.append(f"{count[1]:,} of {count[0]:,}" if count else "-")
        lines.append(f"| {said['version']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def fetch(names: list[str], packages: Path) -> None:
    """The packages as files, to be installed once more: as apt has them."""
    packages.mkdir(parents=True, exist_ok=True)
    wanted = sorted({UNITS[name].package for name in names})
    missing = [each for each in wanted if not list(packages.glob(f"{each}_*.deb"))]
    if missing:
        subprocess.run(["apt-get", "download", "-qq", *missing], cwd=packages, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="examples/servers/run wrapped")
    parser.add_argument("--packages", action="store_true", help="print the Debian packages")
    parser.add_argument("--newer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--modules", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--programs", default=str(PROJECT / ".build/release"),
                        help="the folder of relevo and relevod")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(UNITS))
    options = parser.parse_args()
    names = options.names or list(UNITS)
    if unknown := set(names) - set(UNITS):
        parser.error(f"no such server: {', '.join(sorted(unknown))}")
    if options.newer or options.modules:
        print()
        return 0
    if options.packages:
        wanted = {"systemd", "dbus"}
        for name in names:
            unit = UNITS[name]
            wanted |= {unit.package, *unit.packages, *unit.clients(Path("/")).packages}
        print(" ".join(sorted(wanted)))
        return 0
    if options.inside:
        return inside(names[0], Path("/opt/packages"), Path("/opt/report/report.json"))
    packages = PROJECT / ".build/servers/packages"
    fetch(names, packages)
    rows = {}
    for name in names:
        print(f"== {name}", flush=True)
        rows[name] = outside(name, Path(options.programs).resolve(), packages)
    print()
    print(table(rows))
    bad = [name for name in names if not is_good(rows[name])]
    if bad:
        print(f"\nNOT LOSSLESS: {', '.join(bad)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
