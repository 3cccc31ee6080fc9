"""coturn: each client has an allocation, and a peer echoes what comes through its relay address."""

import asyncio
import struct

from kit import stun
from kit.datagrams import Asker, replier
from kit.server import Server, output
from kit.sessions import LIMIT, Session, SessionLoad
from kit.tally import Tally

ADDRESS = ("127.0.0.1", 3478)
PEER = 5801


class Allocation(Session):
    """Allocates, binds a channel, sends through it, and refreshes now and then."""

    def __init__(self):
        self.sent = 0
        self.credentials: stun.Credentials | None = None
        self.allocated = False

    async def ask(self, kind: int, *attributes: tuple[int, bytes]) -> stun.Message | None:
        message = stun.request(kind, list(attributes), self.credentials)
        answer = await self.asker.ask(message[8:20], message, LIMIT)
        return None if answer is None else stun.Message.parse(answer)

    async def open(self) -> bool:
        self.asker = await Asker.to(ADDRESS, stun.key)
        transport = (stun.REQUESTED_TRANSPORT, stun.UDP)
        challenge = await self.ask(stun.ALLOCATE, transport)
        if challenge is None or challenge.error != 401:
            return False
        self.credentials = stun.Credentials(
            "user", "secret", challenge.attributes[stun.REALM], challenge.attributes[stun.NONCE])
        done = await self.ask(stun.ALLOCATE, transport)
        if done is None or done.kind != stun.ALLOCATE | stun.SUCCESS:
            return False
        self.allocated = True
        bound = await self.ask(
            stun.CHANNEL_BIND,
            (stun.CHANNEL_NUMBER, struct.pack(">I", stun.CHANNEL << 16)),
            (stun.PEER_ADDRESS, stun.peer_address("127.0.0.1", PEER)))
        return bound is not None and bound.kind == stun.CHANNEL_BIND | stun.SUCCESS

    async def exchange(self) -> bool:
        self.sent += 1
        if self.sent % 50 == 0:
            done = await self.ask(stun.REFRESH)
            return done is not None and done.kind == stun.REFRESH | stun.SUCCESS
        number = struct.pack(">Q", self.sent)
        answer = await self.asker.ask(number, stun.channel_data(number + bytes(152)), LIMIT)
        return answer is not None and len(answer) == 164

    async def close(self) -> None:
        if self.allocated:
            await self.ask(stun.REFRESH, (stun.LIFETIME, bytes(4)))
        self.asker.close()


class Coturn(Server):
    load_text = "up to 30 allocations, datagrams relayed and echoed"
    packages = ["coturn"]
    listen = [f"udp://{ADDRESS[0]}:{ADDRESS[1]}", f"tcp://{ADDRESS[0]}:{ADDRESS[1]}"]
    # A client with an allocation sends every 40 ms here; one that is silent for 2 s has gone. In
    # earnest the time is that of the allocation's lifetime (600 s unless asked for).
    options = ["--idle-timeout", "2s"]

    def version(self) -> str:
        return "coturn " + output("turnserver", "--version").split()[0].removeprefix("Coturn-")

    def prepare(self) -> None:
        self.write("turnserver.conf", f"""
listening-ip={ADDRESS[0]}
relay-ip={ADDRESS[0]}
listening-port={ADDRESS[1]}
lt-cred-mech
realm=example.com
user=user:secret
allow-loopback-peers
no-cli
no-tls
no-dtls
no-rfc5780
relay-threads=2
userdb={self.folder}/turndb
pidfile=/dev/null
log-file=stdout
simple-log
""")

    def command(self) -> list[str]:
        # Relay ports are the generation's own: coturn shares them (SO_REUSEPORT), so two processes
        # could take the same one, and the kernel would split what its peer sends.
        return ["sh", "-c",
                "low=$((50000 + ${RELEVO_GENERATION:-0} % 8 * 1000)); "
                f"exec turnserver -c '{self.folder}/turnserver.conf' "
                "--min-port=$low --max-port=$((low + 999))"]

    async def helpers(self, stack) -> None:
        await replier(stack, PEER, lambda data, peer: data)

    async def probe(self) -> bool:
        allocation = Allocation()
        try:
            return await allocation.open() and await allocation.exchange()
        finally:
            await allocation.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        await SessionLoad(Allocation, every=0.4).run(tally, stop)


SERVER = Coturn
