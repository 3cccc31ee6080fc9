#!/usr/bin/env python3
"""Clients of server.py that change their address and their connection id at once, over upgrades.

Usage: clients.py PORT UPGRADES COMMAND…   (which upgrades the service)

Before each upgrade some connections are opened, and some after it. Then all of them go to another port, and
to another network, each time with an id that they have never used. One that is not answered by the worker
that it was opened at is broken.
"""
import asyncio, os, ssl, subprocess, sys

from aioquic.asyncio import connect
from aioquic.quic.configuration import QuicConfiguration

AT_ONCE = 8
port, upgrades, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
networks = iter(range(1 << 20))


class Client:
    def __init__(self):
        self.context = connect(
            "127.0.0.1", port,
            configuration=QuicConfiguration(verify_mode=ssl.CERT_NONE, idle_timeout=60))

    async def open(self):
        self.protocol = await asyncio.wait_for(self.context.__aenter__(), 20)
        self.home = await self.ask()
        # Until all the ids have come that it may use.
        while len(self.protocol._quic._peer_cid_available) < 4:
            await self.ask()
        return self.home

    async def ask(self):
        reader, writer = await self.protocol.create_stream()
        writer.write(b"who")
        writer.write_eof()
        return (await asyncio.wait_for(reader.read(), 20)).decode()

    async def migrate(self, host):
        """Whether the worker that has the connection answers, from another address by another id."""
        old = self.protocol._transport
        try:
            self.protocol._quic.change_connection_id()
            await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: self.protocol, local_addr=(host, 0))
            old.abort()
            return await self.ask() == self.home
        except (ConnectionError, asyncio.TimeoutError):
            return False

    async def close(self):
        self.protocol.close()
        await self.protocol.wait_closed()
        self.protocol._transport.close()


async def opened():
    clients = [Client() for _ in range(AT_ONCE)]
    homes = await asyncio.gather(*(client.open() for client in clients))
    print("opened at generation", *sorted({home.split(".")[0] for home in homes}), flush=True)
    return clients


async def migrated(clients, to, host):
    whole = await asyncio.gather(*(client.migrate(host()) for client in clients))
    print(f"to another {to}: {sum(whole)} of {len(clients)} whole", flush=True)
    return len(clients) - sum(whole)


def another_network():
    number = next(networks)
    return f"::ffff:127.{1 + (number >> 16)}.{number >> 8 & 255}.{1 + (number & 127)}"


async def main():
    old, connections, broken = await opened(), AT_ONCE, 0
    for _ in range(upgrades):
        upgrade = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL)
        print("upgrade", await upgrade.wait(), flush=True)
        new = await opened()
        connections += AT_ONCE
        broken += await migrated(old + new, "port", lambda: "::ffff:127.0.0.1")
        broken += await migrated(old + new, "network", another_network)
        await asyncio.gather(*(client.close() for client in old))
        old = new
    print(f"{connections} connections, {broken} migrations broken", flush=True)
    os._exit(0)


asyncio.run(main())
