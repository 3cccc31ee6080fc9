"""wireguard-go: the new process has no session, and begins one as soon as it runs."""

import subprocess

from kit.network import HERE, THERE, TUNNEL_HERE, TUNNEL_THERE, Tunnel
from kit.server import output

PORT = 51820


class WireGuard(Tunnel):
    packages = ["wireguard-go", "wireguard-tools"]
    listen = [f"udp://{HERE}:{PORT}"]
    # A peer begins a session no sooner than 5 s after the last time that it tried.
    costs = "the session is set up again"
    costs_seconds = 6.0
    gap = 14.0

    def version(self) -> str:
        return "wireguard-go " + output("wireguard-go", "--version").split()[1].lstrip("v")

    def prepare(self) -> None:
        secrets = [output("wg", "genkey") for _ in range(2)]
        keys = [
            subprocess.run(["wg", "pubkey"], input=each, capture_output=True, text=True).stdout
            for each in secrets]
        for name, mine, there in (("here", 0, THERE), ("there", 1, HERE)):
            self.write(f"{name}.conf", f"""
[Interface]
PrivateKey = {secrets[mine]}
ListenPort = {PORT}
[Peer]
PublicKey = {keys[1 - mine]}
AllowedIPs = 10.8.0.0/24
# With the address of its peer and something to say, a new process begins the session by itself.
Endpoint = {there}:{PORT}
PersistentKeepalive = 25
""")

    def end(self, name: str, device: str) -> str:
        # Like wg-quick: the program, then its configuration over its own socket.
        return (f"(until wg setconf {device} {self.folder}/{name}.conf; do sleep 0.02; done; "
                f"ip link set {device} up) 2>/dev/null & exec wireguard-go -f {device}")

    def command(self) -> list[str]:
        return ["sh", "-c", self.end("here", "tunnel")]

    async def client(self, stack) -> None:
        await self.neighbour.keep(
            stack, f"{self.folder}/client.log", "sh", "-c",
            "ip tuntap add mode tun name there && ip address add "
            f"{TUNNEL_THERE} peer {TUNNEL_HERE} dev there && {self.end('there', 'there')}")


SERVER = WireGuard
