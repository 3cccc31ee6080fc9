"""nginx as a UDP proxy (stream module): a master that binds, a worker that uses the socket."""

import asyncio

from kit.datagrams import Asker, replier
from kit.server import Server, output
from kit.sessions import LIMIT, Broken, Session, SessionLoad
from kit.tally import Tally

BACKEND = 5701


class ProxySession(Session):
    """The proxy must keep one socket towards the backend for it."""

    def __init__(self, port: int):
        self.port = port
        self.sent = 0
        self.seen: bytes | None = None

    async def open(self) -> bool:
        self.asker = await Asker.to(("127.0.0.1", self.port), lambda data: int(data.split()[0]))
        return True

    async def exchange(self) -> bool:
        self.sent += 1
        answer = await self.asker.ask(self.sent, b"%d" % self.sent, LIMIT)
        if answer is None:
            return False
        port = answer.split()[1]
        if self.seen not in (None, port):
            raise Broken("the backend sees another session")
        self.seen = port
        return True

    async def close(self) -> None:
        self.asker.close()


class Nginx(Server):
    load_text = "up to 45 proxied sessions"
    packages = ["nginx", "libnginx-mod-stream"]
    port = 5700
    listen = ["udp://127.0.0.1:5700"]
    # Its clients ask every 40 ms: one that is silent for 2 s has gone. The PID file is the
    # generation's own: a shared one would be the newest master's, and be removed by the oldest.
    options = ["--idle-timeout", "2s"]
    parameters = ""
    # Without reuseport two workers would take turns at one socket, and every session have two ends.
    processes = 1

    def version(self) -> str:
        return f"nginx {output('nginx', '-v').split('/')[-1]}, stream proxy"

    def prepare(self) -> None:
        (self.folder / "private").mkdir()
        self.write("nginx.conf", f"""
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
user root;
worker_processes {self.processes};
error_log stderr notice;
pid {self.folder}/private/nginx.pid;
events {{ worker_connections 1024; }}
stream {{
    server {{
        listen 127.0.0.1:{self.port} udp{self.parameters};
        proxy_pass 127.0.0.1:{BACKEND};
        proxy_timeout 10s;
    }}
}}
""")
        self.options = [*self.options, "--private", f"{self.folder}/private"]

    def command(self) -> list[str]:
        return ["nginx", "-c", f"{self.folder}/nginx.conf", "-e", "stderr"]

    async def helpers(self, stack) -> None:
        await replier(stack, BACKEND, lambda data, peer: data + b" %d" % peer[1])

    async def probe(self) -> bool:
        session = ProxySession(self.port)
        await session.open()
        try:
            return await session.exchange()
        finally:
            await session.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        await SessionLoad(lambda: ProxySession(self.port), every=0.25).run(tally, stop)


SERVER = Nginx
