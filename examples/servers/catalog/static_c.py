"""A static C program that blocks in recvfrom: no library to preload into, no event loop to see."""

import subprocess

from kit.counter import ADDRESS, CounterServer
from kit.server import PROGRAMS


class StaticProgram(CounterServer):
    packages = ["gcc", "libc6-dev"]

    def version(self) -> str:
        return "C program, static, blocking"

    def prepare(self) -> None:
        subprocess.run(
            ["gcc", "-O1", "-Wall", "-static", "-o", self.folder / "counter",
             PROGRAMS / "counter.c"], check=True)

    def command(self) -> list[str]:
        return [str(self.folder / "counter"), str(ADDRESS[1])]


SERVER = StaticProgram
