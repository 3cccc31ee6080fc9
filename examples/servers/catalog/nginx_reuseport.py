"""The same with `reuseport`: nginx binds a socket of its own for each of its workers."""

from catalog.nginx import Nginx


class NginxReuseport(Nginx):
    parameters = " reuseport"
    processes = 2

    def version(self) -> str:
        return super().version() + ", reuseport"


SERVER = NginxReuseport
