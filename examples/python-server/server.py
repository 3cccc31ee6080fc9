#!/usr/bin/env python3
"""An echo server with sessions, in Python's asyncio with librelevo through ctypes.

Each answer says which process gave it and the how many-th datagram of its session it was (the
format of `relevo-load send`, which checks both).
"""
import asyncio, os, signal, socket, struct, time

from relevo import Event, Worker

HEADER, IDLE = 64, 2.0
REQUEST, ANSWER = b"RLVO\0\1\0\1", b"RLVO\0\2\0\1"


class Server:
    def __init__(self):
        self.worker = Worker()
        number = self.worker.socket("echo", "udp://127.0.0.1:4433")
        self.socket = socket.socket(fileno=number)
        self.sessions = {}  # peer: [flow, count, last seen]
        self.is_draining = False
        self.told = None
        self.over = asyncio.Event()
        self.me = struct.pack(
            "!IIQ", self.worker.generation, self.worker.index, os.getpid())

    async def run(self):
        loop = asyncio.get_running_loop()
        loop.add_reader(self.socket.fileno(), self.serve)
        loop.add_reader(self.worker.event_descriptor, self.hear)
        loop.add_signal_handler(signal.SIGTERM, self.over.set)
        self.worker.ready()
        while not self.over.is_set():
            self.account()
            try:
                await asyncio.wait_for(self.over.wait(), 0.25)
            except asyncio.TimeoutError:
                pass
        self.serve()

    def serve(self):
        """Reads the socket until it is empty; the socket itself stays as it was given."""
        while True:
            try:
                packet, peer = self.socket.recvfrom(2048, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if len(packet) < HEADER or packet[:8] != REQUEST:
                continue
            session = self.sessions.setdefault(peer, [packet[8:16], 0, 0])
            if session[0] != packet[8:16]:
                session[:2] = packet[8:16], 0
            session[1] += 1
            session[2] = time.monotonic()
            answer = (ANSWER + packet[8:32] + self.me + struct.pack("!Q", session[1])
                      + packet[56:])
            self.socket.sendto(answer, peer)

    def hear(self):
        for event in self.worker.events():
            if event.kind == Event.DRAIN:
                self.is_draining = True
            elif event.kind == Event.RESUME:
                self.is_draining = False
            elif event.kind in (Event.STOP, Event.ENDED):
                self.over.set()
            elif event.kind == Event.LINK:
                os.close(event.descriptor)
        self.account()

    def account(self):
        """Ends silent sessions, and tells the supervisor how many there are."""
        last = time.monotonic() - IDLE
        for peer in [peer for peer, session in self.sessions.items() if session[2] < last]:
            del self.sessions[peer]
        told = (len(self.sessions), self.is_draining)
        if told == self.told:
            return
        self.told = told
        self.worker.sessions(len(self.sessions))
        if self.is_draining and not self.sessions:
            self.worker.drained()


async def main():
    await Server().run()


asyncio.run(main())
