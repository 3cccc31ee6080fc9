"""dnsmasq as a forwarder, without bind-interfaces: it binds the wildcard addresses."""

from kit.dns import DNSServer, UPSTREAM
from kit.server import output


class Dnsmasq(DNSServer):
    packages = [*DNSServer.packages, "dnsmasq-base"]
    binding = ""

    def version(self) -> str:
        return "dnsmasq " + output("dnsmasq", "--version").split()[2]

    def prepare(self) -> None:
        self.write("dnsmasq.conf", f"""
port={self.port}
listen-address=127.0.0.1
{self.binding}
no-resolv
no-hosts
# The load is 500 a second, and answers may be late on a busy machine: 150 are not enough.
dns-forward-max=2000
server=127.0.0.1#{UPSTREAM}
user=root
pid-file
log-facility=-
""")

    def command(self) -> list[str]:
        return ["dnsmasq", "--keep-in-foreground", f"--conf-file={self.folder}/dnsmasq.conf"]


SERVER = Dnsmasq
