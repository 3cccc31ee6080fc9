"""nginx with HTTP/3, before a slow backend."""

import asyncio

from catalog.caddy import BACKEND, paced
from catalog.http3 import HTTP3Server
from kit import newer
from kit.server import output


class Nginx(HTTP3Server):
    packages = ["openssl"]
    newer = ["nginx"]
    address = ("127.0.0.1", 4445)
    listen = ["udp://127.0.0.1:4445"]

    @property
    def options(self) -> list[str]:
        # The old process deletes the PID file of the new one as it ends.
        return [*HTTP3Server.options, "--private", f"{self.folder}/run"]

    def version(self) -> str:
        text = output(*newer.command("nginx", "-v"))
        return f"nginx {text.split('/')[-1].split()[0]}, HTTP/3"

    def prepare(self) -> None:
        super().prepare()
        newer.enter(self.folder)
        (self.folder / "run").mkdir()
        self.write("nginx.conf", f"""
daemon off;
user root;
worker_processes 1;
pid {self.folder}/run/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    server {{
        listen {self.address[0]}:{self.address[1]} quic reuseport;
        ssl_certificate {self.folder}/certificate.pem;
        ssl_certificate_key {self.folder}/key.pem;
        location / {{
            proxy_pass http://127.0.0.1:{BACKEND};
            proxy_buffering off;
        }}
    }}
}}
""")

    def command(self) -> list[str]:
        return newer.command("nginx", "-c", f"{self.folder}/nginx.conf")

    async def helpers(self, stack) -> None:
        server = await asyncio.start_server(paced(self.pace), "127.0.0.1", BACKEND)
        stack.callback(server.close)


SERVER = Nginx
