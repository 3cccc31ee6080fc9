#!/usr/bin/env python3
"""A QUIC server on aioquic whose connections stay with their process wherever their clients go.

Its connection ids are librelevo's: they say whose they are. So a client may change its address and its
id at once, and is found again, over upgrades and with several workers.
Each stream is answered with the generation and the worker that has its connection.
"""
import asyncio, os, signal, socket, sys

from aioquic.asyncio import QuicConnectionProtocol
from aioquic.asyncio.server import QuicServer
from aioquic.quic import connection
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, HandshakeCompleted, StreamDataReceived

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "python-server"))
from relevo import Event, Worker


class IdsOfRelevo:
    """Stands in for the module `os` where aioquic asks for bytes of a connection id: it has no call for
    that. No other length that it asks for is an id's."""

    def __init__(self, worker, number):
        self.make = lambda: worker.make_id(number)
        self.length = len(self.make())

    def urandom(self, count):
        return self.make() if count == self.length else os.urandom(count)


class Server:
    def __init__(self, certificate, address):
        self.worker = Worker()
        number = self.worker.socket("quic", address)
        connection.os = IdsOfRelevo(self.worker, number)
        self.socket = socket.socket(fileno=number)
        self.configuration = QuicConfiguration(
            is_client=False, connection_id_length=connection.os.length, idle_timeout=60)
        self.configuration.load_cert_chain(certificate, certificate)
        self.me = f"{self.worker.generation}.{self.worker.index}".encode()
        self.connections = set()
        self.is_draining = False
        self.over = asyncio.Event()

    async def run(self):
        loop = asyncio.get_running_loop()
        server = self

        class Answering(QuicConnectionProtocol):
            def quic_event_received(self, event):
                if isinstance(event, HandshakeCompleted):
                    server.connections.add(self)
                    server.account()
                elif isinstance(event, ConnectionTerminated):
                    server.connections.discard(self)
                    server.account()
                elif isinstance(event, StreamDataReceived) and event.end_stream:
                    self._quic.send_stream_data(event.stream_id, server.me, end_stream=True)
                    self.transmit()

        await loop.create_datagram_endpoint(
            lambda: QuicServer(configuration=self.configuration, create_protocol=Answering),
            sock=self.socket)
        loop.add_reader(self.worker.event_descriptor, self.hear)
        loop.add_signal_handler(signal.SIGTERM, self.over.set)
        self.worker.ready()
        await self.over.wait()

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
        """Tells how many connections there are: an upgrade waits for the last one."""
        self.worker.sessions(len(self.connections))
        if self.is_draining and not self.connections:
            self.worker.drained()


async def main():
    await Server(sys.argv[1], sys.argv[2]).run()


asyncio.run(main())
