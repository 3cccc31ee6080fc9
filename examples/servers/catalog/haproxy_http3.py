"""HAProxy with HTTP/3, before a slow backend: each connection has a connected socket of its own."""

import asyncio
from pathlib import Path

from catalog.caddy import BACKEND, paced
from catalog.http3 import HTTP3Server
from kit import newer
from kit.server import output


class HAProxy(HTTP3Server):
    packages = ["openssl"]
    newer = ["haproxy"]
    address = ("127.0.0.1", 4446)
    listen = ["udp://127.0.0.1:4446"]

    def version(self) -> str:
        text = output(*newer.command("haproxy", "-v"))
        return f"HAProxy {text.split()[2].split('-')[0]}, HTTP/3"

    def prepare(self) -> None:
        super().prepare()
        newer.enter(self.folder)
        pem = Path(self.folder)
        self.write("both.pem", (pem / "certificate.pem").read_text() + (pem / "key.pem").read_text())
        self.write("haproxy.cfg", f"""
global
    limited-quic
    log stdout format raw daemon notice
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend quic
    bind quic4@{self.address[0]}:{self.address[1]} ssl crt {self.folder}/both.pem alpn h3
    default_backend slow
backend slow
    server one 127.0.0.1:{BACKEND}
""")

    def command(self) -> list[str]:
        return newer.command("haproxy", "-db", "-f", f"{self.folder}/haproxy.cfg")

    async def helpers(self, stack) -> None:
        server = await asyncio.start_server(paced(self.pace), "127.0.0.1", BACKEND)
        stack.callback(server.close)


SERVER = HAProxy
