"""A Node program on node:dgram: libuv binds from its own thread."""

from kit.counter import ADDRESS, CounterServer
from kit.server import PROGRAMS, output


class NodeProgram(CounterServer):
    packages = ["nodejs"]

    def version(self) -> str:
        return f"Node {output('node', '--version').lstrip('v')}, dgram"

    def command(self) -> list[str]:
        return ["node", str(PROGRAMS / "counter.js"), str(ADDRESS[1])]


SERVER = NodeProgram
