"""python3 -m kit.moving: clients of unmodified HTTP/3 servers change their address and ids over upgrades."""

import argparse
import asyncio
import importlib
import itertools
import json
import os
import ssl
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from kit.server import HERE, Server

#: Seconds between two chunks of a download, and how many it has: it outlasts the upgrade and its client's move.
PACE = 0.25
CHUNKS = 24


@dataclass
class Way:
    """What clients do, each in the middle of a download, and with which options."""

    text: str
    #: Clients of the old version and of the new one, each time.
    clients: int = 4
    options: list[str] = field(default_factory=list)
    rotates: bool = False
    moves: bool = True
    #: A rotation comes first, on the port that is known.
    waits: float = 0.0
    roams: bool = False
    #: The supervisor is killed before, and the next one is there after.
    kills: bool = False


COPIES = ["--unknown-ids", "copy"]
WAYS = {
    "rebind": Way("another port, the same id"),
    "rotate": Way("another id, then another port", clients=3, rotates=True, waits=0.15),
    "migrate": Way("an id never seen at another port", clients=5, rotates=True),
    "roam": Way("an id never seen from another network", rotates=True, roams=True),
    "roam-copied": Way(
        "an id never seen from another network, copied", clients=10, options=COPIES, rotates=True,
        roams=True),
    "roam-killed": Way(
        "the same, the supervisor just killed", options=COPIES, rotates=True, roams=True,
        kills=True),
    "handshakes": Way("connections opened over the flip", clients=64),
    "shared-port": Way("new connections at a port that has old ones", clients=3),
}

#: What each server keeps by itself (--plain --way tells): quic-go of Debian 12 and HAProxy 3.0 answer a client at
#: its first address alone.
SERVERS = {
    "http3": ["rebind", "rotate", "migrate", "roam-copied", "roam-killed", "handshakes",
              "shared-port"],
    "caddy": ["handshakes"],
    "ngtcp2": ["rebind", "rotate", "migrate", "roam-copied", "handshakes"],
    "nginx_http3": ["rebind", "rotate", "roam", "handshakes"],
    "haproxy_http3": ["handshakes"],
}

hosts = (f"127.{a}.{b}.{c}" for a in itertools.count(1) for b in range(256) for c in range(1, 255))


def catalog_server(name: str) -> type[Server]:
    return importlib.import_module(f"catalog.{name}").SERVER


class Download:
    """One client with an address of its own, and what it gets."""

    def __init__(self, server: Server):
        self.address, self.pieces = server.address, server.pieces
        self.rest = b""
        self.host = next(hosts)
        self.fault = ""

    async def open(self, chunks: int = CHUNKS, shared: "SharedPort | None" = None) -> None:
        from aioquic.quic.connection import QuicConnection
        from kit.http3 import H3_ALPN, Client, QuicConfiguration
        configuration = QuicConfiguration(
            is_client=True, alpn_protocols=H3_ALPN, server_name="localhost")
        configuration.verify_mode = ssl.CERT_NONE
        connection = QuicConnection(configuration=configuration)
        self.client = Client(connection)
        if shared:
            shared.add(self.client)
        else:
            await self.bind()
        self.client.connect(self.address)
        async with asyncio.timeout(10):
            await self.client.wait_connected()
        self.chunks = chunks
        if not self.pieces:
            self.client.get(f"/{chunks}")

    async def bind(self) -> None:
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self.client, local_addr=(self.host, 0))

    async def move(self, way: Way) -> None:
        if way.rotates:
            self.client._quic.change_connection_id()
            if way.waits:
                self.client.transmit()
                await asyncio.sleep(way.waits)
        if way.roams:
            self.host = next(hosts)
        old = self.client._transport
        # The old end hears nothing any more; the connection goes on at the new one.
        old._protocol = asyncio.DatagramProtocol()
        await self.bind()
        old.close()
        # Who only listens would never be heard of again.
        self.client._quic.send_ping(0)
        self.client.transmit()

    async def finish(self, generation: int = 0) -> bool:
        """Whether all of it comes, each chunk in its turn and in time."""
        for number in range(self.chunks):
            if self.pieces:
                self.client.get(f"/chunk{number}")
            if not await self.next(number):
                return False
            if self.pieces:
                await asyncio.sleep(PACE)
        self.client.close()
        # Only our own server tells.
        told = self.client.headers.get(b"x-generation")
        if told and generation and int(told) != generation:
            self.fault = f"of generation {told.decode()}, not {generation}"
        return not self.fault

    async def next(self, number: int) -> bool:
        """Whether the next chunk comes."""
        from kit.http3 import CHUNK
        try:
            while len(self.rest) < CHUNK:
                async with asyncio.timeout(10):
                    data = await self.client.body.get()
                if data is None:
                    self.fault = f"ended after {number} chunks"
                    return False
                self.rest += data
        except TimeoutError:
            self.fault = f"silent after {number} chunks"
            return False
        chunk, self.rest = self.rest[:CHUNK], self.rest[CHUNK:]
        if chunk != b"%07d " % number * (CHUNK // 8):
            self.fault = f"not chunk {number}"
            return False
        return True

    async def whole(self) -> bool:
        """A small one, from its handshake to its end."""
        try:
            await self.open(1)
        except (TimeoutError, ConnectionError) as error:
            self.fault = f"not opened: {error!r}"
            return False
        return await self.finish()


class SharedPort(asyncio.DatagramProtocol):
    """Many connections of one client at one port, told by the ids that it has given them."""

    def __init__(self):
        self.clients = []

    def connection_made(self, transport) -> None:
        self.transport = transport

    def add(self, client) -> None:
        client.connection_made(self.transport)
        self.clients.append(client)

    def datagram_received(self, data, address) -> None:
        id = data[6:6 + data[5]] if data[0] & 0x80 else data[1:9]
        for client in self.clients:
            if any(each.cid == id for each in client._quic._host_cids):
                client.datagram_received(data, address)


class Service:
    """The server under `relevo run`."""

    def __init__(self, server: Server, options: list[str]):
        self.server, self.options = server, options
        self.environment = {**os.environ, "RUNTIME_DIRECTORY": f"{server.folder}/run-relevo",
                            "STATE_DIRECTORY": f"{server.folder}/state"}

    async def start(self) -> None:
        self.generation = 1
        await self.run()
        await self.relevo("wait", "--for", "ready", "--timeout", "60s")

    async def crash(self) -> None:
        """The supervisor is gone; what it supervised goes on."""
        self.process.kill()
        await self.process.wait()

    async def resume(self) -> None:
        await self.run("--resume")
        await self.relevo("wait", "--for", "ready", "--timeout", "60s")

    async def upgrade(self) -> None:
        await self.relevo("upgrade")
        self.generation += 1

    async def run(self, *more: str) -> None:
        command = ["relevo", "run", "--name", "moving"]
        for address in self.server.listen:
            command += ["--listen", address]
        with open(self.server.folder / "log", "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command, *self.options, *more, "--", *self.server.command(), stdout=log, stderr=log,
                stdin=asyncio.subprocess.DEVNULL, cwd=self.server.folder, env=self.environment)

    async def relevo(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            "relevo", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=self.environment)
        printed, errors = await process.communicate()
        if process.returncode:
            sys.exit(f"relevo {' '.join(arguments)}: {errors.decode()}\n"
                     + (self.server.folder / "log").read_text()[-3000:])
        return printed.decode()

    async def stop(self) -> None:
        await self.relevo("stop", "--drain-timeout", "0")
        await self.process.wait()

    async def rules(self) -> dict:
        status = json.loads(await self.relevo("status", "--json"))
        return status["listeners"][0]["counters"]["rules"]


class Plain(Service):
    """The server by itself, which is not upgraded: what its clients can expect of it at best."""

    async def start(self) -> None:
        self.generation = 0
        with open(self.server.folder / "log", "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.server.command(), stdout=log, stderr=log,
                stdin=asyncio.subprocess.DEVNULL, cwd=self.server.folder)
        while not await Download(self.server).whole():
            await asyncio.sleep(0.1)

    async def upgrade(self) -> None:
        pass

    async def stop(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def rules(self) -> dict:
        return {}


async def one_round(service: Service, way: Way, name: str) -> list[tuple[str, Download, bool]]:
    """One upgrade, with what its clients got."""
    if name == "handshakes":
        downloads = [Download(service.server) for _ in range(way.clients)]
        upgrade = asyncio.create_task(service.upgrade())
        running = []
        for download in downloads:
            running.append(asyncio.create_task(download.whole()))
            await asyncio.sleep(0.02)
        got = await asyncio.gather(*running)
        await upgrade
        return [("opened", *each) for each in zip(downloads, got)]
    port = None
    if name == "shared-port":
        _, port = await asyncio.get_running_loop().create_datagram_endpoint(
            SharedPort, local_addr=(next(hosts), 0))
    old = [Download(service.server) for _ in range(way.clients)]
    new = [Download(service.server) for _ in range(way.clients)]
    for download in old:
        await download.open(shared=port)
    finishing = [asyncio.create_task(each.finish(service.generation)) for each in old]
    await service.upgrade()
    for download in new:
        await download.open(shared=port)
    finishing += [asyncio.create_task(each.finish(service.generation)) for each in new]
    if not port:
        await asyncio.sleep(PACE)
        if way.kills:
            await service.crash()
        await asyncio.gather(*(each.move(way) for each in old + new))
        if way.kills:
            await asyncio.sleep(PACE)
            await service.resume()
    got = await asyncio.gather(*finishing)
    labels = ["old"] * len(old) + ["new"] * len(new)
    return list(zip(labels, old + new, got))


async def run(server: Server, name: str, times: int, workers: int, is_plain: bool) -> bool:
    """One way at one server; prints the figures."""
    way = WAYS[name]
    kept: dict[str, list[bool]] = {}
    faults = []
    options = [*server.options, "--steering", "quic", "--workers", str(workers), "--idle-timeout", "4s",
               "--linger", "20ms", *way.options]
    service = (Plain if is_plain else Service)(server, options)
    async with AsyncExitStack() as stack:
        await server.helpers(stack)
        await service.start()
        try:
            for _ in range(times):
                for label, download, whole in await one_round(service, way, name):
                    kept.setdefault(label, []).append(whole)
                    if not whole:
                        faults.append(f"{label}: {download.fault}")
            rules = await service.rules()
        finally:
            await service.stop()
    figures = ", ".join(
        f"{len(each) - sum(each)} of {len(each)} broken ({label})" for label, each in kept.items())
    how = "without Relevo" if is_plain else f"{workers} workers, {times} upgrades"
    print(f"{server.version()}, {how}: {way.text}: {figures}; "
          + ", ".join(f"{key} {value}" for key, value in rules.items() if value), flush=True)
    for fault in faults[:5]:
        print(f"   {fault}", flush=True)
    return not faults


def main() -> int:
    parser = argparse.ArgumentParser(prog="examples/servers/run moving", description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="upgrades of each server and way")
    parser.add_argument("--workers", type=int, default=2, help="of each generation")
    parser.add_argument("--way", action="append", choices=WAYS, help="one way; it may be repeated")
    parser.add_argument("--plain", action="store_true", help="the servers by themselves, without Relevo")
    parser.add_argument("--packages", action="store_true", help="print the Debian packages")
    parser.add_argument("--newer", action="store_true", help="print those of a newer Debian")
    parser.add_argument("--modules", action="store_true", help="print the PyPI packages")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SERVERS))
    options = parser.parse_args()
    names = options.names or list(SERVERS)
    if unknown := set(names) - set(SERVERS):
        parser.error(f"no such server: {', '.join(sorted(unknown))}")
    for kind in ("packages", "newer", "modules"):
        if getattr(options, kind):
            print(" ".join(sorted({each for name in names for each in getattr(catalog_server(name), kind)})))
            return 0
    if not options.inside:
        # A network of our own, in which nothing outlives us.
        return subprocess.run(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
             "sh", "-c", 'ip link set lo up && "$@"', "sh", sys.executable, "-B", "-m", "kit.moving",
             "--inside", *sys.argv[1:]], env={**os.environ, "PYTHONPATH": str(HERE)}).returncode
    good = True
    for name in names:
        for way in SERVERS[name]:
            if way not in (options.way or [way]) or options.plain and WAYS[way].kills:
                continue
            with tempfile.TemporaryDirectory(prefix="relevo-moving.", ignore_cleanup_errors=True) as folder:
                os.chmod(folder, 0o755)
                server = catalog_server(name)(Path(folder))
                server.pace = PACE
                server.prepare()
                good &= asyncio.run(
                    run(server, way, options.times, options.workers, options.plain))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
