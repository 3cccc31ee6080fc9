"""Servers as Debian installs them, started by their own units, with the load of the catalog."""

import importlib
from dataclasses import dataclass, field
from pathlib import Path

from kit.dns import UPSTREAM
from kit.server import Server

ZONE = """\
$ORIGIN example.com.
$TTL 60
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
* A 192.0.2.1
"""


@dataclass
class Unit:
    """One server's unit, and what its administrator would have configured."""

    #: Of the catalog, whose clients it has.
    server: str
    unit: str
    #: The package that is installed again, which starts the unit again.
    package: str
    #: What the administrator has written; a file that the package brings is replaced.
    files: dict[str, str] = field(default_factory=dict)
    #: Where its clients ask, if not where the catalog has it.
    address: tuple[str, int] | None = None
    #: Packages besides.
    packages: list[str] = field(default_factory=list)
    #: Options of `relevo wrap`, and a command.
    wrap: list[str] = field(default_factory=list)

    def clients(self, folder: Path) -> Server:
        """What asks it."""
        module = importlib.import_module(f"catalog.{self.server}")
        if self.address is not None:
            for name, value in (
                ("ADDRESS", self.address), ("PORT", self.address[1])):
                if hasattr(module, name):
                    here = getattr(module, name)
                    setattr(module, name, f"{value[0]}:{value[1]}" if isinstance(here, str) else value)
            if self.server == "snmpd":
                module.CLIENT[-1] = module.ADDRESS
        server = module.SERVER(folder)
        if self.address is not None and hasattr(server, "port"):
            server.port = self.address[1]
        return server


DNS = ("127.0.0.1", 53)

UNITS = {
    "unbound": Unit("unbound", "unbound", "unbound", {
        "/etc/unbound/unbound.conf.d/load.conf": f"""
server:
    module-config: "iterator"
    do-not-query-localhost: no
    # With more than half of ten connections open it gives each 0.2 s, which a busy machine exceeds.
    incoming-num-tcp: 200
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{UPSTREAM}
"""}, DNS),
    "named": Unit("named", "named", "bind9", {
        "/etc/bind/named.conf.options": f"""
options {{
    directory "/var/cache/bind";
    forwarders {{ 127.0.0.1 port {UPSTREAM}; }};
    forward only;
    dnssec-validation no;
    listen-on-v6 {{ any; }};
    // A fresh cache and a slow upstream: of more than ten clients with one question it drops the rest.
    clients-per-query 0;
    max-clients-per-query 0;
}};
"""}, DNS),
    "dnsmasq": Unit("dnsmasq", "dnsmasq", "dnsmasq", {
        "/etc/dnsmasq.d/load.conf": f"""
no-resolv
no-hosts
dns-forward-max=2000
server=127.0.0.1#{UPSTREAM}
"""}, DNS),
    "pdns-recursor": Unit("pdns_recursor", "pdns-recursor", "pdns-recursor", {
        "/etc/powerdns/recursor.d/load.conf": f"""
forward-zones-recurse=.=127.0.0.1:{UPSTREAM}
dnssec=off
any-to-tcp=no
root-nx-trust=no
"""}, DNS),
    "dnsdist": Unit("dnsdist", "dnsdist", "dnsdist", {
        "/etc/dnsdist/dnsdist.conf": f"""
setLocal('127.0.0.1:53')
newServer({{ address = '127.0.0.1:{UPSTREAM}', checkInterval = 1 }})
setSecurityPollSuffix('')
"""}, DNS),
    "knot-resolver": Unit("kresd", "kresd@1", "knot-resolver", {
        "/etc/knot-resolver/kresd.conf": f"""
net.listen('127.0.0.1', 53, {{ kind = 'dns' }})
net.listen('::1', 53, {{ kind = 'dns', freebind = true }})
cache.size = 16 * MB
modules.unload('ta_update')
trust_anchors.remove('.')
policy.add(policy.all(policy.FORWARD('127.0.0.1@{UPSTREAM}')))
"""}, DNS),
    "knot": Unit("knot", "knot", "knot", {
        "/etc/knot/knot.conf": """
server:
    rundir: "/run/knot"
    user: knot:knot
    listen: [ 127.0.0.1@53, ::1@53 ]
log:
  - target: syslog
    any: info
database:
    storage: "/var/lib/knot"
zone:
  - domain: example.com
    file: /etc/knot/example.com.zone
    zonefile-sync: -1
    journal-content: none
""", "/etc/knot/example.com.zone": ZONE}, DNS),
    "nsd": Unit("nsd", "nsd", "nsd", {
        "/etc/nsd/nsd.conf.d/load.conf": """
server:
    # The load is 500 a second from one address: its limit is 200.
    rrl-ratelimit: 0
zone:
    name: example.com
    zonefile: /etc/nsd/example.com.zone
""", "/etc/nsd/example.com.zone": ZONE}, DNS),
    "chrony": Unit("chrony", "chrony", "chrony", {
        "/etc/chrony/conf.d/load.conf": "local stratum 8\nallow 127.0.0.1\n",
        # The clock is the host's: it is left alone.
        "/etc/default/chrony": 'DAEMON_OPTS="-F 1 -x"\n'}, ("127.0.0.1", 123)),
    "nginx": Unit("nginx", "nginx", "nginx", {
        # An included file of its main part, whose modules come first by name.
        "/etc/nginx/modules-enabled/99-load.conf": """
stream {
    server {
        listen 127.0.0.1:5700 udp reuseport;
        proxy_pass 127.0.0.1:5701;
        proxy_timeout 10s;
    }
}
"""}, packages=["libnginx-mod-stream"], wrap=["--idle-timeout", "2s"]),
    "snmpd": Unit("snmpd", "snmpd", "snmpd", {
        "/etc/snmp/snmpd.conf.d/load.conf": """
createUser user SHA first-secret AES other-secret
rouser user priv
"""}, ("127.0.0.1", 161), wrap=["--idle-timeout", "3s"]),
    "freeradius": Unit("freeradius", "freeradius", "freeradius", {
        "/etc/freeradius/3.0/mods-config/files/authorize": 'user Cleartext-Password := "secret"\n'}),
    "kamailio": Unit("kamailio", "kamailio", "kamailio", {
        "/etc/kamailio/kamailio.cfg": """#!KAMAILIO
debug=1
children=2
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:5060
listen=tcp:127.0.0.1:5060
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
request_route {
    if (method == "OPTIONS") {
        sl_send_reply("200", "OK");
        exit;
    }
    $du = "sip:127.0.0.1:5080";
    t_relay();
}
"""}),
}
