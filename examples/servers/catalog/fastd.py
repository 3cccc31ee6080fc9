"""fastd: a new process has no session, and begins one; the keys are in the old one alone."""

import subprocess

from kit.network import HERE, THERE, TUNNEL_HERE, TUNNEL_THERE, Tunnel
from kit.server import output


class Fastd(Tunnel):
    packages = ["fastd"]
    listen = [f"udp://{HERE}:10000"]
    # Sessions are set up again, which a peer allows no sooner than some 15 s after the last time.
    costs = "sessions are set up again"
    costs_seconds = 16.0
    gap = 25.0

    def version(self) -> str:
        return "fastd " + output("fastd", "--version").split()[-1].lstrip("v")

    def prepare(self) -> None:
        secrets, keys = zip(*(self.key() for _ in range(2)), strict=True)
        for name, mine, here, there in (("here", 0, HERE, THERE), ("there", 1, THERE, HERE)):
            self.write(f"{name}.conf", f"""
mode tun;
interface "tunnel";
persist interface yes;
method "salsa2012+umac";
bind {here}:10000;
secret "{secrets[mine]}";
peer "other" {{
    key "{keys[1 - mine]}";
    # With the address of its peer, a new process begins the session by itself.
    remote {there}:10000;
}}
""")

    def key(self) -> tuple[str, str]:
        text = subprocess.run(["fastd", "--generate-key"], capture_output=True, text=True).stdout
        secret, public = (line.split(": ")[1] for line in text.splitlines() if ": " in line)
        return secret, public

    def command(self) -> list[str]:
        return ["fastd", "--config", f"{self.folder}/here.conf"]

    async def client(self, stack) -> None:
        await self.neighbour.keep(
            stack, f"{self.folder}/client.log", "sh", "-c",
            "ip tuntap add mode tun name tunnel && ip address add "
            f"{TUNNEL_THERE} peer {TUNNEL_HERE} dev tunnel && ip link set tunnel up && "
            f"exec fastd --config {self.folder}/there.conf")


SERVER = Fastd
