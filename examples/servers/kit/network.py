"""A second network beside the server's, for clients of a tunnel."""

import asyncio
import ctypes
import os
import socket

from kit.datagrams import Asker, replier
from kit.server import Server
from kit.sessions import LIMIT, Session, SessionLoad
from kit.tally import Tally

#: The ends of the cable between both, and of the tunnel.
HERE, THERE = "10.9.0.1", "10.9.0.2"
TUNNEL_HERE, TUNNEL_THERE = "10.8.0.1", "10.8.0.2"
ECHO = 7007


class Neighbour:
    """A network of its own, cabled to this one."""

    def __init__(self, process: asyncio.subprocess.Process):
        self.process = process
        self.path = f"/proc/{process.pid}/ns/net"

    @classmethod
    async def beside(cls, stack) -> "Neighbour":
        """Makes it; it ends with the stack."""
        process = await asyncio.create_subprocess_exec(
            "unshare", "--net", "sleep", "infinity", stdin=asyncio.subprocess.DEVNULL)
        stack.push_async_callback(ended, process)
        ours = os.stat("/proc/self/ns/net").st_ino
        while os.stat(f"/proc/{process.pid}/ns/net").st_ino == ours:
            await asyncio.sleep(0.01)
        self = cls(process)
        stack.push_async_callback(run, "ip", "link", "delete", "cable")
        await run("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns",
                  str(process.pid))
        for prefix, address in (([], HERE), (self.prefix, THERE)):
            await run(*prefix, "ip", "address", "add", f"{address}/24", "dev", "cable")
            await run(*prefix, "ip", "link", "set", "cable", "up")
        return self

    @property
    def prefix(self) -> list[str]:
        """What a command begins with to run there."""
        return ["nsenter", f"--net={self.path}"]

    async def keep(self, stack, log: str, *command: str) -> None:
        """Starts a program there that runs as long as the stack."""
        with open(log, "ab") as file:
            process = await asyncio.create_subprocess_exec(
                *self.prefix, *command, stdin=asyncio.subprocess.DEVNULL, stdout=file, stderr=file)
        stack.push_async_callback(ended, process)

    def socket(self) -> socket.socket:
        """A UDP socket there; it stays there, whoever has it."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as ours, open(self.path) as theirs:
            if libc.setns(theirs.fileno(), 0):
                raise OSError(ctypes.get_errno(), "setns")
            try:
                return socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            finally:
                libc.setns(ours.fileno(), 0)


async def ended(process: asyncio.subprocess.Process) -> None:
    """Ends a program, if it has not done so by itself."""
    if process.returncode is None:
        process.kill()
    await process.wait()


async def run(*command: str) -> None:
    """Runs a command that must succeed."""
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait():
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}")


class ThroughTunnel(Session):
    """Datagrams from there to the tunnel's end here, and back."""

    def __init__(self, neighbour: Neighbour):
        self.neighbour = neighbour
        self.sent = 0

    async def open(self) -> bool:
        end = self.neighbour.socket()
        try:
            end.connect((TUNNEL_HERE, ECHO))
        except OSError:
            end.close()
            return False
        loop = asyncio.get_running_loop()
        _, self.asker = await loop.create_datagram_endpoint(
            lambda: Asker(lambda data: data), sock=end)
        return True

    async def exchange(self) -> bool:
        self.sent += 1
        data = b"%d" % self.sent
        return await self.asker.ask(data, data, LIMIT) is not None

    async def close(self) -> None:
        if self.sent:
            self.asker.close()


class Tunnel(Server):
    """A VPN server here and one client there."""

    load_text = "one tunnel, 8 streams of datagrams through it and back"
    #: A tun device has one process.
    options = ["--overlap", "no"]

    async def client(self, stack) -> None:
        """Starts the client's end."""
        raise NotImplementedError

    async def helpers(self, stack) -> None:
        self.neighbour = await Neighbour.beside(stack)
        # The device outlives the processes, with its address and what waits in it.
        await run("ip", "tuntap", "add", "mode", "tun", "name", "tunnel")
        stack.push_async_callback(run, "ip", "link", "delete", "tunnel")
        await run("ip", "address", "add", TUNNEL_HERE, "peer", TUNNEL_THERE, "dev", "tunnel")
        await run("ip", "link", "set", "tunnel", "up")
        await replier(stack, ECHO, lambda data, peer: data, TUNNEL_HERE)
        await self.client(stack)

    async def probe(self) -> bool:
        session = ThroughTunnel(self.neighbour)
        try:
            return await session.open() and await session.exchange()
        finally:
            await session.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        await SessionLoad(
            lambda: ThroughTunnel(self.neighbour), lasting=8, every=3600).run(tally, stop)
