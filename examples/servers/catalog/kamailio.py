"""kamailio as a SIP proxy between SIPp's two ends."""

import asyncio
import csv
import signal
from contextlib import AsyncExitStack

from kit.datagrams import Asker
from kit.server import Server, output
from kit.tally import Tally

PORT, CALLER, CALLED = 5060, 5070, 5080


class Kamailio(Server):
    load_text = "calls of 2 s by SIPp, nothing sent twice"
    packages = ["kamailio", "sip-tester"]
    listen = [f"udp://127.0.0.1:{PORT}", f"tcp://127.0.0.1:{PORT}"]
    # SIPp's ends keep one port each for ever, like a trunk. A proxy keeps transactions only, for
    # the time between a request and its answer; an answer that meets another process goes on by
    # its Via. The old one ends before it would send again what another has the answer to (T1 of RFC 3261,
    # 500 ms): a called end may take that for a new request.
    options = ["--steering", "stateless"]
    drains = True
    gap = 4.0

    def version(self) -> str:
        return "kamailio " + output("kamailio", "-v").split()[2]

    def prepare(self) -> None:
        self.write("kamailio.cfg", f"""#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:{PORT}
listen=tcp:127.0.0.1:{PORT}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
request_route {{
    if (method == "OPTIONS") {{
        sl_send_reply("200", "OK");
        exit;
    }}
    $du = "sip:127.0.0.1:{CALLED}";
    t_relay();
}}
""")

    def command(self) -> list[str]:
        return ["kamailio", "-DD", "-E", "-Y", str(self.folder),
                "-f", f"{self.folder}/kamailio.cfg", "-m", "64", "-M", "8"]

    async def helpers(self, stack) -> None:
        await self.sipp(stack, "-sn", "uas", "-p", str(CALLED))

    async def sipp(self, stack, *arguments: str) -> asyncio.subprocess.Process:
        """One of its ends."""
        with open(self.folder / "sipp.log", "ab") as log:
            process = await asyncio.create_subprocess_exec(
                "sipp", *arguments, "-i", "127.0.0.1", "-nostdin", cwd=self.folder,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log)
        stack.push_async_callback(self.end, process)
        return process

    async def end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.kill()
            await process.wait()

    async def probe(self) -> bool:
        asker = await Asker.to(("127.0.0.1", PORT), lambda data: 0)
        try:
            port = asker.transport.get_extra_info("sockname")[1]
            answer = await asker.ask(0, "\r\n".join([
                f"OPTIONS sip:127.0.0.1:{PORT} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKprobe{port}",
                f"From: <sip:probe@127.0.0.1:{port}>;tag=1", f"To: <sip:127.0.0.1:{PORT}>",
                f"Call-ID: probe{port}", "CSeq: 1 OPTIONS", "Max-Forwards: 5",
                "Content-Length: 0", "", ""]).encode(), 1)
            return answer is not None and answer.startswith(b"SIP/2.0 200")
        finally:
            asker.close()

    async def load(self, tally: Tally, stop: asyncio.Event) -> None:
        async with AsyncExitStack() as stack:
            process = await self.sipp(
                stack, "-sn", "uac", f"127.0.0.1:{PORT}", "-p", str(CALLER), "-r", "30", "-d",
                "2000", "-l", "5000", "-nr", "-recv_timeout", "2500", "-trace_stat", "-stf",
                str(self.folder / "calls.csv"), "-fd", "1")
            ended = asyncio.create_task(process.wait())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                # No more calls; those under way are ended as they would be.
                process.send_signal(signal.SIGUSR1)
            await ended
            stopping.cancel()
        with open(self.folder / "calls.csv") as file:
            *_, last = csv.DictReader(file, delimiter=";")
        good, bad = int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])
        tally.sessions += good + bad
        # INVITE and BYE.
        tally.answered(2 * good)
        for _ in range(bad):
            tally.break_off("call failed")


SERVER = Kamailio
