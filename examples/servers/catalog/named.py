"""named (BIND 9) as a forwarder."""

from kit.dns import DNSServer, UPSTREAM
from kit.server import output


class Named(DNSServer):
    packages = [*DNSServer.packages, "bind9"]
    # named asks again after 0.8 to 1.2 s what upstream has not answered, which now and then it
    # does for no reason; that is its slowest answer.
    options = ["--steering", "stateless", "--linger", "2s"]

    def version(self) -> str:
        return "named (BIND) " + output("named", "-v").split()[1].split("-")[0]

    def prepare(self) -> None:
        self.write("named.conf", f"""
options {{
    directory "{self.folder}";
    pid-file none;
    session-keyfile none;
    lock-file none;
    listen-on port {self.port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    forwarders {{ 127.0.0.1 port {UPSTREAM}; }};
    forward only;
    recursion yes;
    dnssec-validation no;
    empty-zones-enable no;
    // A fresh cache and a slow upstream: of more than ten clients with one question it drops the rest.
    clients-per-query 0;
    max-clients-per-query 0;
}};
controls {{ }};
""")

    def command(self) -> list[str]:
        # Two network threads, each with a socket of its own.
        return ["named", "-g", "-n", "2", "-c", f"{self.folder}/named.conf"]


SERVER = Named
