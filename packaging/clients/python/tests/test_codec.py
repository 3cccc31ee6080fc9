import random
import unittest

import vectors
from relevo import addresses, codec, ids, link
from relevo.errors import Malformed


def meaning(data: bytes) -> str:
    try:
        number, message = codec.read(data)
    except codec.Fault as fault:
        return f"fault {fault.code}"
    if message is None:
        return "nothing"
    return f"id={'-' if number is None else number} {said(message)}"


def said(message: codec.Message) -> str:
    match message:
        case codec.Welcome():
            text = (f"welcome version={message.version} service=[{message.service}]"
                    f" generation={message.generation} worker={message.worker}"
                    f" workers={message.workers} more={int(message.more)}")
            for one in message.sockets:
                seal = "-"
                if one.seal:
                    seal = "%d %016x %016x" % (one.seal.stay, *one.seal.key)
                text += (f" socket[{one.listener} {one.slot} {one.address} {one.name}]"
                         f" seal[{seal}]")
            return text + "".join(f" stored[{name}]" for name in message.stored)
        case codec.Done():
            return "ok"
        case codec.Refusal(code, reason):
            return f"error {code} [{reason}]"
        case codec.DrainNotice(None, None):
            return "drain -"
        case codec.DrainNotice(deadline, left):
            return f"drain {deadline} {left}"
        case codec.ResumeNotice():
            return "resume"
        case codec.StopNotice(left):
            return f"stop {left}"
        case codec.Stored(names, more):
            return f"stored more={int(more)}" + "".join(f" stored[{name}]" for name in names)
        case codec.LinkEnd(role, generation, worker, label):
            return f"link {role} {generation} {worker} [{label}]"


class CodecTests(unittest.TestCase):
    def test_packets_are_written_and_read_as_the_vectors_say(self):
        blocks = vectors.blocks()
        self.assertGreater(len(blocks), 90)
        for block in blocks:
            with self.subTest(block["bytes"]):
                if "verb" not in block:
                    self.assertRaises(codec.Fault, codec.decode, block["bytes"])
                    continue
                packet = codec.Packet(block["verb"], block["fields"])
                self.assertEqual(codec.decode(block["bytes"]), packet)
                self.assertEqual(packet.encoded(), block["bytes"].removesuffix(b"\n"))

    def test_messages_mean_what_the_vectors_say(self):
        for block in vectors.blocks():
            if block["kind"] == "hears":
                with self.subTest(block["bytes"]):
                    self.assertEqual(meaning(block["bytes"]), block["means"])

    def test_a_packet_that_is_too_long_is_a_fault(self):
        whole = b"OK\nREASON=" + b"x" * (codec.LONGEST_PACKET - 10)
        self.assertEqual(meaning(whole), "id=- ok")
        self.assertEqual(meaning(whole + b"x"), "fault oversized")

    def test_a_value_stays_one_line(self):
        self.assertEqual(codec.packet("FAILED", REASON="a\nSTOP\x7f\0ö").encoded(),
                         "FAILED\nREASON=a STOP  ö".encode())

    def test_wrong_bytes_are_a_message_or_a_fault(self):
        sound = [block["bytes"] for block in vectors.blocks() if block["bytes"]]
        chance = random.Random(7)
        for _ in range(20_000):
            data = bytearray(chance.choice(sound))
            for _ in range(chance.randint(1, 4)):
                place = chance.randrange(len(data))
                data[place:place + chance.randrange(3)] = chance.choice(
                    [b"\n", b"=", b"-", b"0", b"\xff", chance.randbytes(1), data[place:]])
                data = data or bytearray(b"O")
            meaning(bytes(data))


class IdTests(unittest.TestCase):
    def test_ids_are_made_as_the_vectors_say(self):
        for stay, low, high, start, made in vectors.lines("id"):
            seal = codec.Seal(int(stay), (int(low, 16), int(high, 16)))
            id = ids.close(seal, bytes.fromhex(start))
            self.assertEqual(id.hex(), made)
            self.assertTrue(ids.is_of(seal, id))
            self.assertFalse(ids.is_of(seal, id[:-1] + bytes([id[-1] ^ 1])))
            self.assertFalse(ids.is_of(codec.Seal(seal.stay, (1, 2)), id))

    def test_an_id_of_any_server_has_room(self):
        seal = codec.Seal(7, (1, 2))
        for length in range(10):
            for configuration in range(7):
                id = ids.make(seal, configuration, bytes(length))
                self.assertTrue(ids.is_of(seal, id))
                self.assertEqual(id[0] >> 5, configuration)
                self.assertLessEqual(len(id), 20)
        self.assertRaises(ValueError, ids.make, seal, 7)
        self.assertRaises(ValueError, ids.make, seal, 0, bytes(10))
        for size in range(21):
            self.assertFalse(ids.is_of(seal, bytes(size)))


class LinkCodecTests(unittest.TestCase):
    def test_packets_are_written_and_read_as_the_vectors_say(self):
        found = vectors.packets()
        self.assertEqual(len(found), 2)
        for data, lines in found:
            datagrams = [
                link.Datagram(b"" if payload == "-" else bytes.fromhex(payload), end(source),
                              end(destination), int(received))
                for source, destination, received, payload in lines]
            self.assertEqual(link.decode(data), datagrams)
            self.assertEqual(link.encode_datagrams(datagrams), data)
        for data, payload in vectors.lines("message"):
            plain = b"" if payload == "-" else bytes.fromhex(payload)
            self.assertEqual(link.decode(bytes.fromhex(data)), plain)
            self.assertEqual(link.encode_message(plain), bytes.fromhex(data))

    def test_what_is_no_packet_is_said(self):
        for (data,) in vectors.lines("broken"):
            self.assertRaises(Malformed, link.decode, bytes.fromhex(data))

    def test_wrong_bytes_are_datagrams_or_malformed(self):
        chance = random.Random(7)
        for _ in range(5_000):
            data = bytearray(chance.choice(vectors_of_links))
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                link.decode(bytes(data[:chance.randint(0, len(data))]))
            except Malformed:
                pass


class AddressTests(unittest.TestCase):
    def test_addresses_are_read_and_written(self):
        for text in ["192.0.2.7:4711", "[2001:db8::7]:4711", "[::]:1"]:
            self.assertEqual(addresses.write(addresses.parse(text)), text)
        for text in ["", "192.0.2.7", "example.org:1", "::1:2", "[192.0.2.7]:1", "1.2.3.4:65536"]:
            self.assertRaises(ValueError, addresses.parse, text)
        self.assertRaises(ValueError, addresses.listener, "sctp://127.0.0.1:1")


def end(text: str):
    return None if text == "-" else addresses.parse(text)


vectors_of_links = [data for data, _ in vectors.packets()]

if __name__ == "__main__":
    unittest.main()
