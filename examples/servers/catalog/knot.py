"""knotd, an authoritative server: two threads, each with a socket of its own."""

from kit.dns import AuthoritativeServer
from kit.server import output


class Knot(AuthoritativeServer):
    packages = [*AuthoritativeServer.packages, "knot"]
    affinity = "off"

    def version(self) -> str:
        return "Knot DNS " + output("knotd", "--version").split()[-1]

    def prepare(self) -> None:
        # The PID file and the control socket are the generation's own: the second process refuses
        # to start while it sees the first one's.
        (self.folder / "private").mkdir()
        self.options = [*self.options, "--private", f"{self.folder}/private"]
        self.write("knot.conf", f"""
server:
    rundir: {self.folder}/private
    user: root
    listen: 127.0.0.1@{self.port}
    udp-workers: 2
    socket-affinity: {self.affinity}
database:
    storage: {self.folder}/private
zone:
  - domain: example.com
    file: {self.write_zone()}
    zonefile-sync: -1
    journal-content: none
""")

    def command(self) -> list[str]:
        return ["knotd", "-c", f"{self.folder}/knot.conf"]


SERVER = Knot
