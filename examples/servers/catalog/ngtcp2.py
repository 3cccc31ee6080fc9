"""The server of ngtcp2, in C++ on a library in C: files alone, which it sends as fast as it can."""

from catalog.http3 import HTTP3Server
from kit.server import output


class Ngtcp2(HTTP3Server):
    load_text = "small files, each on a new connection"
    packages = ["ngtcp2-server", "openssl"]
    address = ("127.0.0.1", 4447)
    listen = ["udp://127.0.0.1:4447"]
    pieces = True

    def version(self) -> str:
        text = output("dpkg-query", "-W", "-f", "${Version}", "ngtcp2-server")
        return f"ngtcp2 {text.split('+')[0]}, HTTP/3"

    def prepare(self) -> None:
        super().prepare()
        (self.folder / "files").mkdir()
        # A number alone would be so many bytes of its own.
        for number in range(32):
            self.write(f"files/chunk{number}", "%07d " % number * 512)

    def command(self) -> list[str]:
        return ["gtlsserver", "--quiet", "--htdocs", f"{self.folder}/files", self.address[0],
                str(self.address[1]), f"{self.folder}/key.pem", f"{self.folder}/certificate.pem"]

    async def load(self, tally, stop) -> None:
        await self.fetches(tally, stop)

    async def fetch(self) -> bool:
        """Connects, gets one file, closes."""
        from kit.moving import Download
        return await Download(self).whole()


SERVER = Ngtcp2
