"""dnsdist as a load balancer before the upstream, with two sockets of one address."""

from kit.dns import DNSServer, UPSTREAM
from kit.server import output


class Dnsdist(DNSServer):
    packages = [*DNSServer.packages, "dnsdist"]

    def version(self) -> str:
        return "dnsdist " + output("dnsdist", "--version").split()[1]

    def prepare(self) -> None:
        self.write("dnsdist.conf", f"""
setLocal('127.0.0.1:{self.port}', {{ reusePort = true }})
addLocal('127.0.0.1:{self.port}', {{ reusePort = true }})
newServer({{ address = '127.0.0.1:{UPSTREAM}', checkInterval = 1 }})
setSecurityPollSuffix('')
""")

    def command(self) -> list[str]:
        return ["dnsdist", "--supervised", "--disable-syslog", "-C", f"{self.folder}/dnsdist.conf"]


SERVER = Dnsdist
