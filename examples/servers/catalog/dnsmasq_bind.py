"""dnsmasq with bind-interfaces: it binds each address by itself."""

from catalog.dnsmasq import Dnsmasq


class DnsmasqBind(Dnsmasq):
    binding = "bind-interfaces"

    def version(self) -> str:
        return super().version() + ", bind-interfaces"


SERVER = DnsmasqBind
