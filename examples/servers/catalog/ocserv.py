"""ocserv, a VPN over TLS and DTLS: each client has a process, a TCP connection and a connected socket."""

import asyncio
import itertools
import socket
import subprocess
from contextlib import suppress

from kit.datagrams import Asker, replier
from kit.network import HERE, Neighbour
from kit.server import Server, output
from kit.sessions import LIMIT, Session, SessionLoad
from kit.tally import Tally

PORT = 4443
ECHO = 7007
NUMBERS = itertools.count()


class Client(Session):
    """openconnect with a tunnel device of its own; datagrams go through it and back."""

    def __init__(self, server: "OCServ"):
        self.server = server
        self.number = next(NUMBERS)
        self.device = f"vpn{self.number}"
        self.sent = 0
        self.process: asyncio.subprocess.Process | None = None
        self.asker: Asker | None = None

    async def open(self) -> bool:
        folder = self.server.folder
        with open(folder / "clients.log", "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.server.neighbour.prefix, "openconnect", "--protocol=anyconnect",
                "--user=somebody", "--passwd-on-stdin", "--interface", self.device,
                "--script", str(folder / "script"), "--servercert", self.server.pin,
                f"{HERE}:{PORT}", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=log)
        self.process.stdin.write(b"secret\n")
        self.process.stdin.close()
        # The script says when the device has its address; what leaves before the handshake over UDP is
        # through goes over TLS.
        awaited = {b"device is up", b"Established DTLS"}
        try:
            async with asyncio.timeout(4 * LIMIT):
                while awaited:
                    if not (line := await self.process.stdout.readline()):
                        return False
                    awaited = {each for each in awaited if not line.startswith(each)}
        except TimeoutError:
            return False
        end = self.server.neighbour.socket()
        end.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.device.encode())
        end.connect((self.server.gateway, ECHO))
        loop = asyncio.get_running_loop()
        _, self.asker = await loop.create_datagram_endpoint(
            lambda: Asker(lambda data: data), sock=end)
        return await self.exchange()

    async def exchange(self) -> bool:
        self.sent += 1
        data = b"%d %d" % (self.number, self.sent)
        return await self.asker.ask(data, data, LIMIT) is not None

    async def close(self) -> None:
        if self.asker:
            self.asker.close()
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.terminate()
        await self.process.communicate()


class OCServ(Server):
    load_text = "up to 12 VPN clients, datagrams through the tunnel over DTLS and back"
    packages = ["ocserv", "openconnect"]
    listen = [f"udp://{HERE}:{PORT}", f"tcp://{HERE}:{PORT}"]
    #: The same for all, as the devices are known by their clients.
    gateway = "10.7.0.1"

    def version(self) -> str:
        return "ocserv " + output("ocserv", "--version").split()[1]

    def prepare(self) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=vpn", "-keyout", "key.pem", "-out", "certificate.pem"],
            cwd=self.folder, check=True, stderr=subprocess.DEVNULL)
        public = subprocess.run(
            "openssl x509 -in certificate.pem -noout -pubkey | openssl pkey -pubin -outform der "
            "| openssl dgst -sha256 -binary | base64", shell=True, cwd=self.folder,
            capture_output=True, text=True, check=True)
        self.pin = "pin-sha256:" + public.stdout.strip()
        self.write("users", "somebody:*:" + output("openssl", "passwd", "-5", "secret") + "\n")
        # Two versions give out addresses: each has a range of its own.
        self.write("ocserv.conf", f"""
auth = "plain[passwd={self.folder}/users]"
listen-host = {HERE}
tcp-port = {PORT}
udp-port = {PORT}
run-as-user = root
run-as-group = root
socket-file = {self.folder}/ocserv.socket
server-cert = {self.folder}/certificate.pem
server-key = {self.folder}/key.pem
isolate-workers = false
max-clients = 0
max-same-clients = 0
rate-limit-ms = 0
max-ban-score = 0
keepalive = 300
dpd = 60
try-mtu-discovery = false
use-occtl = false
device = vpns
ipv4-network = 10.7.GENERATION.0
ipv4-netmask = 255.255.255.0
ping-leases = false
""")
        script = self.write("script", f"""#!/bin/sh
case $reason in connect)
    ip link set dev "$TUNDEV" up mtu "$INTERNAL_IP4_MTU"
    ip address add "$INTERNAL_IP4_ADDRESS" peer {self.gateway} dev "$TUNDEV"
    echo "device is up" ;;
esac
""")
        subprocess.run(["chmod", "+x", script], check=True)

    def command(self) -> list[str]:
        name = f"{self.folder}/ocserv"
        return ["sh", "-c",
                f"g=${{RELEVO_GENERATION:-0}}; sed s/GENERATION/$g/ {name}.conf > {name}.$g; "
                f"exec ocserv -f -c {name}.$g -p {name}.pid.$g"]

    async def helpers(self, stack) -> None:
        self.neighbour = await Neighbour.beside(stack)
        process = await asyncio.create_subprocess_exec(
            "ip", "address", "add", f"{self.gateway}/32", "dev", "lo")
        await process.wait()
        await replier(stack, ECHO, lambda data, peer: data, self.gateway)

    async def probe(self) -> bool:
        client = Client(self)
        try:
            return await client.open()
        finally:
            await client.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        await SessionLoad(lambda: Client(self), lasting=3, every=2.0).run(tally, stop)


SERVER = OCServ
