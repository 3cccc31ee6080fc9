"""knot-resolver without systemd: it binds what its configuration says."""

from kit.dns import DNSServer, UPSTREAM
from kit.server import output


class Kresd(DNSServer):
    packages = [*DNSServer.packages, "knot-resolver"]

    def version(self) -> str:
        return "knot-resolver " + output("kresd", "--version").split()[-1]

    def prepare(self) -> None:
        self.write("kresd.conf", f"""
net.listen('127.0.0.1', {self.port}, {{ kind = 'dns' }})
cache.size = 16 * MB
modules.unload('ta_update')
trust_anchors.remove('.')
policy.add(policy.all(policy.FORWARD('127.0.0.1@{UPSTREAM}')))
""")

    def command(self) -> list[str]:
        return ["kresd", "-n", "-c", f"{self.folder}/kresd.conf", str(self.folder)]


SERVER = Kresd
