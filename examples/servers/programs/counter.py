"""A UDP program on Python's asyncio: it counts what each client has sent and answers with that."""

import asyncio
import os
import signal
import sys
from collections import Counter


class Counting(asyncio.DatagramProtocol):
    """Answers `number` with `number pid count`."""

    def connection_made(self, transport):
        self.transport = transport
        self.counts = Counter()

    def datagram_received(self, data, peer):
        self.counts[peer] += 1
        self.transport.sendto(data + b" %d %d" % (os.getpid(), self.counts[peer]), peer)


async def main():
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await loop.create_datagram_endpoint(Counting, local_addr=("127.0.0.1", int(sys.argv[1])))
    await stop.wait()


asyncio.run(main())
