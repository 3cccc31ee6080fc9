#!/usr/bin/env python3
"""An echo server with sessions, on asyncio: what `packaging/clients/conformance` is run with.

It answers the datagrams of `relevo-load send`, counts sessions, and answers questions; see "The echo
worker" in packaging/clients/README.md. With `--fail REASON` it says that it cannot serve.
"""
import asyncio
import os
import socket
import struct
import sys
import time

import relevo
from relevo import aio

HEADER, IDLE = 64, 2.0
REQUEST, ANSWER = b"RLVO\0\1\0\1", b"RLVO\0\2\0\1"


class Server:
    def __init__(self, worker: aio.Worker) -> None:
        self.worker = worker
        self.socket = worker.socket("echo", or_bind="udp://127.0.0.1:4433")
        self.sessions: dict[object, list] = {}  # peer: [flow, count, last seen]
        self.heard: list[str] = []
        self.tasks: set[asyncio.Task] = set()
        self.is_draining = False
        self.told: object = None
        self.over = asyncio.Event()
        self.me = struct.pack("!IIQ", worker.generation, worker.index, os.getpid())

    async def run(self) -> None:
        asyncio.get_running_loop().add_reader(self.socket, self.serve)
        self.begin(self.hear())
        self.worker.ready()
        while not self.over.is_set():
            self.account()
            try:
                await asyncio.wait_for(self.over.wait(), 0.25)
            except TimeoutError:
                pass
        self.serve()

    def begin(self, work) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def serve(self) -> None:
        """Reads the socket until it is empty; the socket itself stays as it was given."""
        while True:
            try:
                packet, peer = self.socket.recvfrom(2048, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if packet.startswith(b"?"):
                self.begin(self.reply(packet.decode("utf-8", "replace"), peer))
            elif len(packet) >= HEADER and packet[:8] == REQUEST:
                self.echo(packet, peer)

    def echo(self, packet: bytes, peer) -> None:
        session = self.sessions.setdefault(peer, [packet[8:16], 0, 0])
        if session[0] != packet[8:16]:
            session[:2] = packet[8:16], 0
        session[1] += 1
        session[2] = time.monotonic()
        answer = ANSWER + packet[8:32] + self.me + struct.pack("!Q", session[1]) + packet[56:]
        self.socket.sendto(answer, peer)

    async def reply(self, question: str, peer) -> None:
        try:
            answer = await self.answer(*question.split())
        except relevo.Refused as error:
            answer = f"refused {error.code}"
        except Exception as error:
            answer = f"error {error}"
        self.socket.sendto(answer.encode(), peer)

    async def answer(self, question: str, *words: str) -> str:
        worker = self.worker
        match question, words:
            case "?who", ():
                return f"{worker.service} {worker.generation} {worker.index} {worker.workers}"
            case "?heard", ():
                return " ".join(self.heard) or "-"
            case "?link", (target, text):
                link = aio.Link((await worker.link(target, label="echo")).take())
                await link.send(text.encode())
                answer = await link.receive()
                link.close()
                return answer.payload.decode()
            case "?pin", (peer,):
                worker.pin(peer, self.socket)
                return "ok"
            case "?unpin", (peer,):
                worker.unpin(peer, self.socket)
                return "ok"
            case "?store", (name, text):
                file = os.memfd_create(name)
                os.write(file, text.encode())
                await worker.store(name, [file])
                os.close(file)
                return "ok"
            case "?kept", (name,):
                await worker.fetch()
                file = worker.take(name)
                return "-" if file is None else os.pread(file, 1000, 0).decode()
            case "?forget", (name,):
                await worker.forget(name)
                return "ok"
            case "?leave", ():
                await worker.leave()
                return "ok"
            case "?fail", (reason,):
                await worker.failed(reason)
                return "ok"
        return "unknown"

    async def hear(self) -> None:
        async for event in self.worker.events():
            match event:
                case relevo.Drain():
                    self.is_draining = True
                case relevo.Resume():
                    self.is_draining = False
                case relevo.Stop() | relevo.Ended():
                    self.over.set()
                case relevo.LinkOffer():
                    self.begin(self.speak(aio.Link(event.take())))
            self.heard.append(type(event).__name__.lower())
            print("heard", self.heard[-1], flush=True)
            self.account()

    async def speak(self, link: aio.Link) -> None:
        """Answers what comes over a link with the generation before it."""
        try:
            while True:
                message = await link.receive()
                await link.send(b"%d:%s" % (self.worker.generation, message.payload))
        except relevo.ServiceEnded:
            link.close()

    def account(self) -> None:
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
            self.serve()
            if not self.sessions:
                self.worker.drained()


async def main() -> None:
    async with await aio.Worker.open() as worker:
        if sys.argv[1:2] == ["--fail"]:
            await worker.failed(sys.argv[2])
            sys.exit(1)
        await Server(worker).run()


asyncio.run(main())
