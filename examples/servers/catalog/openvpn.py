"""OpenVPN with a shared key: the tunnel has no session that a new process would not know."""

from kit.network import HERE, THERE, Tunnel
from kit.server import output


class OpenVPN(Tunnel):
    packages = ["openvpn"]
    listen = [f"udp://{HERE}:1194"]
    # It drops what it has read and not yet written when the stop signal comes: a datagram now and then.
    costs = "what the old process has in hand at its end may be lost"
    costs_seconds = 0.5

    def version(self) -> str:
        return f"OpenVPN {output('openvpn', '--version').split()[1]}, shared key"

    def prepare(self) -> None:
        output("openvpn", "--genkey", "secret", f"{self.folder}/key")

    def end(self, here: str, there: str) -> list[str]:
        return ["openvpn", "--dev", "tunnel", "--dev-type", "tun", "--proto", "udp", "--port", "1194",
                "--local", here, "--remote", there, "--secret", f"{self.folder}/key", "--cipher",
                "AES-256-CBC", "--persist-tun"]

    def command(self) -> list[str]:
        return self.end(HERE, THERE)

    async def client(self, stack) -> None:
        await self.neighbour.keep(
            stack, f"{self.folder}/client.log", *self.end(THERE, HERE), "--ifconfig",
            "10.8.0.2", "10.8.0.1")


SERVER = OpenVPN
