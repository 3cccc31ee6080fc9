"""rsyslog: messages over UDP are answered by nobody, so what was sent is compared with the file."""

import asyncio
import socket

from kit.server import Server, output
from kit.sessions import pause
from kit.tally import Tally

ADDRESS = ("127.0.0.1", 5514)


class Rsyslog(Server):
    load_text = "messages from 8 ports"
    packages = ["rsyslog"]
    listen = [f"udp://{ADDRESS[0]}:{ADDRESS[1]}"]
    # Senders keep their port for ever, and every message stands for itself.
    options = ["--steering", "stateless"]
    drains = True
    gap = 2.0

    def version(self) -> str:
        return "rsyslog " + output("rsyslogd", "-v").split()[1]

    def prepare(self) -> None:
        # Two processes append to one file for a moment, as two would to one log.
        self.write("rsyslog.conf", f"""
global(workDirectory="{self.folder}")
module(load="imudp")
input(type="imudp" address="{ADDRESS[0]}" port="{ADDRESS[1]}")
template(name="plain" type="string" string="%msg%\\n")
action(type="omfile" file="{self.folder}/messages" template="plain" flushOnTXEnd="on")
""")

    def command(self) -> list[str]:
        # No PID file: with one, the second process refuses to start.
        return ["rsyslogd", "-n", "-i", "NONE", "-f", f"{self.folder}/rsyslog.conf"]

    def written(self) -> list[str]:
        """The messages in the file."""
        path = self.folder / "messages"
        return path.read_text().split("\n")[:-1] if path.exists() else []

    async def probe(self) -> bool:
        self.send("probe")
        await asyncio.sleep(0.05)
        return any("probe" in line for line in self.written())

    def send(self, text: str, sender: socket.socket | None = None) -> None:
        """Sends a message as RFC 3164 has them."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            (sender or own).sendto(f"<14>Jan  1 00:00:00 host load: {text}".encode(), ADDRESS)

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
        sent = 0
        while not stop.is_set():
            for _ in range(10):
                self.send(f"number {sent}", senders[sent % len(senders)])
                sent += 1
            await pause(stop, 0.01)
        missing = set(range(sent))
        for _ in range(50):
            await asyncio.sleep(0.1)
            missing = set(range(sent)) - {
                int(line.split()[-1]) for line in self.written() if "number" in line}
            if not missing:
                break
        for sender in senders:
            sender.close()
        tally.answered(sent - len(missing))
        if missing:
            tally.fail("message not written", len(missing))


SERVER = Rsyslog
