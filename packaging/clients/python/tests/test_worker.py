"""A worker against a supervisor's end of the channel that is held here."""
import array
import asyncio
import os
import socket
import unittest

import relevo
from relevo import aio, channel

WELCOME = "WELCOME\nID=1\nVERSION=1\nSERVICE=echo\nGENERATION=2\nWORKER=1\nWORKERS=3"
VARIABLES = ["RELEVO_CHANNEL", "RELEVO_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
             "NOTIFY_SOCKET"]


class Supervisor:
    """What it says lies in the worker's queue before the worker asks: requests count from 1."""

    def __init__(self, test: unittest.TestCase, welcome=WELCOME, descriptors=()):
        for variable in VARIABLES:
            os.environ.pop(variable, None)
        self.socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        test.addCleanup(self.socket.close)
        os.environ["RELEVO_CHANNEL"] = str(other.detach())
        if welcome:
            self.say(welcome, descriptors)

    def say(self, text, descriptors=()):
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        self.socket.sendmsg([text.encode()], rights if descriptors else [])

    def heard(self):
        """The next packet, and how many descriptors came with it."""
        data, numbers = channel.receive_packet(self.socket, 4096, 32)
        channel.close_all(numbers)
        return data.decode(), len(numbers)


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def udp():
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    return made


class WorkerTests(unittest.TestCase):
    def setUp(self):
        before = descriptors()
        self.addCleanup(lambda: self.assertEqual(descriptors(), before))

    def test_it_takes_its_sockets_and_what_is_kept(self):
        with udp() as given, open("/dev/null") as kept:
            port = given.getsockname()[1]
            supervisor = Supervisor(
                self, None)
            supervisor.say(f"{WELCOME}\nSOCKET=0 3 udp://127.0.0.1:{port} front door\nMORE=1",
                           [given.fileno()])
            supervisor.say(f"{WELCOME}\nSTORED=note", [kept.fileno()])
            with relevo.Worker() as worker:
                self.assertEqual(supervisor.heard(), ("HELLO\nID=1\nVERSION=1", 0))
                self.assertNotIn("RELEVO_CHANNEL", os.environ)
                self.assertEqual((worker.service, worker.generation, worker.index,
                                  worker.workers), ("echo", 2, 1, 3))
                taken = worker.socket("front door", f"udp://127.0.0.1:{port}")
                self.assertEqual(taken.getsockname(), given.getsockname())
                self.assertRaises(relevo.RelevoError, worker.socket, "front door")
                worker.pin(("192.0.2.7", 1), taken, "127.0.0.1:5")
                self.assertEqual(supervisor.heard()[0],
                                 "PIN\nLISTENER=0\nPEER=192.0.2.7:1\nLOCAL=127.0.0.1:5")
                self.assertRaises(relevo.Unsupported, worker.make_id, taken)
                taken.close()
                note = worker.take("note")
                os.close(note)
                self.assertIsNone(worker.take("note"))

    def test_a_welcome_that_lies_is_an_error_and_leaves_nothing(self):
        with udp() as given:
            for text, numbers in [
                (f"{WELCOME}\nSOCKET=0 3 udp://127.0.0.1:1 a", [given.fileno()]),
                (f"{WELCOME}\nSOCKET=0 3 udp://127.0.0.1:1 a", []),
                (f"{WELCOME}\nSTORED=a", [given.fileno(), given.fileno()]),
                ("WELCOME\nID=1", [given.fileno()]), ("OK\nID=1", [given.fileno()]),
            ]:
                supervisor = Supervisor(self, text, numbers)
                self.assertRaises(relevo.Malformed, relevo.Worker)
                supervisor.socket.close()

    def test_it_hears_what_the_supervisor_says(self):
        supervisor = Supervisor(self)
        with relevo.Worker() as worker:
            self.assertIsNone(worker.next_event())
            supervisor.say("DRAIN\nDEADLINE=0\nLEFT=60000")
            supervisor.say("DANCE")
            supervisor.say("no packet", [0])
            supervisor.say("RESUME")
            supervisor.say("DRAIN")
            supervisor.say("STOP\nLEFT=0")
            drain, *others = worker.events()
            self.assertTrue(59 < drain.left <= 60)
            self.assertEqual([type(each).__name__ for each in others],
                             ["Resume", "Drain", "Stop"])
            self.assertIsNone(others[1].left)
            supervisor.socket.close()
            self.assertEqual(list(worker.events()), [relevo.Ended()])
            self.assertFalse(worker.is_supervised)
            worker.sessions(3)
            self.assertRaises(relevo.Unsupported, worker.link, "older")

    def test_requests_are_answered_refused_and_given_up(self):
        supervisor = Supervisor(self)
        with relevo.Worker() as worker, open("/dev/null") as file:
            supervisor.say("OK\nID=99", [file.fileno()])
            supervisor.say("RESUME")
            supervisor.say("OK\nID=2")
            worker.store("note", [file.fileno()])
            self.assertEqual(supervisor.heard()[0], "HELLO\nID=1\nVERSION=1")
            self.assertEqual(supervisor.heard(), ("STORE\nID=2\nNAME=note", 1))
            self.assertEqual(list(worker.events()), [relevo.Resume()])
            supervisor.say("ERROR\nID=3\nCODE=unknown\nREASON=nobody lives there")
            with self.assertRaises(relevo.Refused) as refused:
                worker.link(9)
            self.assertEqual(refused.exception.code, "unknown")
            self.assertRaises(relevo.Unanswered, worker.fetch, timeout=0.05)
            supervisor.say("STORED\nID=5\nSTORED=a\nMORE=1", [file.fileno()])
            self.assertRaises(relevo.Unanswered, worker.fetch, timeout=0.05)
            supervisor.say("LINK\nID=6\nROLE=asked\nGENERATION=1\nWORKER=0")
            self.assertRaises(relevo.Malformed, worker.link, "older")
            supervisor.say("OK\nID=7\nID=7")
            self.assertRaises(relevo.Unanswered, worker.leave, timeout=0.05)
            supervisor.say("STORED\nID=8\nMORE=2", [file.fileno()])
            self.assertRaises(relevo.Malformed, worker.fetch)

    def test_what_finds_no_room_is_said_later_and_only_the_newest(self):
        supervisor = Supervisor(self)
        with relevo.Worker() as worker:
            supervisor.heard()
            for count in range(10_000):
                worker.sessions(count)
            heard = []
            while "SESSIONS\nCOUNT=9999" not in heard:
                heard.append(supervisor.heard()[0])
                list(worker.events())
            self.assertLess(len(heard), 9_000)
            self.assertIsNone(channel.receive_packet(supervisor.socket, 4096, 32))

    def test_a_link_takes_datagrams_and_messages(self):
        supervisor = Supervisor(self)
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with relevo.Worker() as worker, near, relevo.Link(far) as other:
            supervisor.say("LINK\nROLE=offered\nGENERATION=1\nWORKER=0\nLABEL=a b",
                           [near.fileno()])
            (offer,) = worker.events()
            self.assertEqual((offer.generation, offer.worker, offer.is_asked, offer.label),
                             (1, 0, False, "a b"))
            near.close()
            with offer.take() as link:
                one = relevo.Datagram(b"x" * 65507, ("192.0.2.7", 9), ("2001:db8::1", 1), 5)
                self.assertTrue(other.forward(one) and other.send(b"hello", [1]))
                self.assertEqual(link.receive(), one)
                message = link.receive()
                self.assertEqual(message.payload, b"hello")
                channel.close_all(message.descriptors)
                self.assertIsNone(link.receive())
                other.close()
                self.assertRaises(relevo.ServiceEnded, link.receive)

    def test_without_a_supervisor_it_binds_by_itself(self):
        for variable in VARIABLES:
            os.environ.pop(variable, None)
        with relevo.Worker() as worker:
            with worker.socket("echo", "udp://127.0.0.1:0") as made:
                self.assertEqual(made.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT), 1)
                self.assertEqual(len(worker.make_id(made)), 15)
            worker.ready()
            worker.sessions(3)
            worker.drained()
            worker.store("x", [0])
            self.assertIsNone(worker.next_event())
            self.assertRaises(ValueError, worker.socket, "echo", "udp://example.org:1")


class AsyncTests(unittest.IsolatedAsyncioTestCase):
    async def test_events_and_answers_come_while_others_wait(self):
        supervisor = Supervisor(self)
        async with await aio.Worker.open() as worker:
            supervisor.heard()
            storing = asyncio.ensure_future(worker.store("note", [0]))
            leaving = asyncio.ensure_future(worker.leave())
            await asyncio.sleep(0)
            supervisor.say("DRAIN")
            supervisor.say("OK\nID=2")
            supervisor.say("ERROR\nID=3\nCODE=current\nREASON=no")
            await storing
            with self.assertRaises(relevo.Refused):
                await leaving
            supervisor.socket.close()
            heard = [event async for event in worker.events()]
            self.assertEqual(heard, [relevo.Drain(None), relevo.Ended()])
            with self.assertRaises(relevo.Unsupported):
                await worker.link("older")

    async def test_who_waits_when_the_service_ends_hears_it(self):
        supervisor = Supervisor(self)
        async with await aio.Worker.open() as worker:
            asked = asyncio.ensure_future(worker.link("older"))
            await asyncio.sleep(0)
            supervisor.socket.close()
            with self.assertRaises(relevo.ServiceEnded):
                await asked

    async def test_a_link_waits_for_what_comes(self):
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        one, other = aio.Link(relevo.Link(near)), aio.Link(relevo.Link(far))
        coming = asyncio.ensure_future(one.receive())
        await asyncio.sleep(0)
        await other.send(b"hello")
        self.assertEqual((await coming).payload, b"hello")
        other.close()
        with self.assertRaises(relevo.ServiceEnded):
            await one.receive()
        one.close()


if __name__ == "__main__":
    unittest.main()
