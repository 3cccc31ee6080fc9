"""unbound with its outgoing ports; two threads, each with a socket of its own."""

from kit.dns import DNSServer, UPSTREAM
from kit.server import output


class Unbound(DNSServer):
    packages = [*DNSServer.packages, "unbound"]
    activation = "no"

    def version(self) -> str:
        return "unbound " + output("unbound", "-V").split()[1]

    def prepare(self) -> None:
        self.write("unbound.conf", f"""
server:
    interface: 127.0.0.1@{self.port}
    use-systemd: {self.activation}
    do-daemonize: no
    num-threads: 2
    username: "unbound"
    chroot: ""
    directory: "{self.folder}"
    pidfile: ""
    use-syslog: no
    logfile: ""
    module-config: "iterator"
    do-not-query-localhost: no
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{UPSTREAM}
remote-control:
    control-enable: no
""")

    def command(self) -> list[str]:
        return ["unbound", "-d", "-p", "-c", f"{self.folder}/unbound.conf"]


SERVER = Unbound
