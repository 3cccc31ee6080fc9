"""NSD, an authoritative server: processes that share what their parent has bound."""

from kit.dns import AuthoritativeServer
from kit.server import output


class NSD(AuthoritativeServer):
    packages = [*AuthoritativeServer.packages, "nsd"]

    def version(self) -> str:
        return "NSD " + output("nsd", "-v").split("version ")[1].split()[0]

    def prepare(self) -> None:
        self.write("nsd.conf", f"""
server:
    ip-address: 127.0.0.1@{self.port}
    server-count: 2
    # The load is 500 a second from one address: its limit is 200.
    rrl-ratelimit: 0
    username: ""
    chroot: ""
    zonesdir: "{self.folder}"
    database: ""
    pidfile: ""
    zonelistfile: "{self.folder}/zone.list"
    xfrdfile: "{self.folder}/xfrd.state"
remote-control:
    control-enable: no
zone:
    name: example.com
    zonefile: {self.write_zone()}
""")

    def command(self) -> list[str]:
        return ["nsd", "-d", "-c", f"{self.folder}/nsd.conf"]


SERVER = NSD
