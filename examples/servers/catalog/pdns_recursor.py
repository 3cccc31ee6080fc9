"""PowerDNS Recursor: two threads, each with a socket of its own, and an outgoing port a query."""

from kit.dns import DNSServer, UPSTREAM
from kit.server import output


class PowerDNSRecursor(DNSServer):
    packages = [*DNSServer.packages, "pdns-recursor"]

    def version(self) -> str:
        text = output("pdns_recursor", "--version")
        return "PowerDNS Recursor " + text.split("Recursor ")[1].split()[0]

    def prepare(self) -> None:
        # Each generation has a control socket of its own; else the old one would take away the new
        # one's when it ends.
        (self.folder / "private").mkdir()
        self.options = [*self.options, "--private", f"{self.folder}/private"]
        self.write("recursor.conf", f"""
local-address=127.0.0.1
local-port={self.port}
forward-zones-recurse=.=127.0.0.1:{UPSTREAM}
dnssec=off
threads=2
pdns-distributes-queries=no
reuseport=yes
daemon=no
write-pid=no
socket-dir={self.folder}/private
any-to-tcp=no
root-nx-trust=no
public-suffix-list-file=/dev/null
""")

    def command(self) -> list[str]:
        return ["pdns_recursor", f"--config-dir={self.folder}"]


SERVER = PowerDNSRecursor
