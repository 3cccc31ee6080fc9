"""A Python program on asyncio's datagram endpoints."""

import platform

from kit.counter import ADDRESS, CounterServer
from kit.server import PROGRAMS


class PythonProgram(CounterServer):
    packages = ["python3"]

    def version(self) -> str:
        return f"Python {platform.python_version()}, asyncio"

    def command(self) -> list[str]:
        return ["/usr/bin/python3", "-I", str(PROGRAMS / "counter.py"), str(ADDRESS[1])]


SERVER = PythonProgram
