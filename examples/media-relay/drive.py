#!/usr/bin/env python3
"""Load for the media relay: a producer and subscribers that count what they get, and upgrades.

Usage: drive.py SUBSCRIBERS UPGRADES PACKETS-PER-SECOND

Half of the subscribers stay all the time, the others come and go. In the middle the producer
reconnects. Exit code 1 when a packet is missing at any subscriber, or somebody was served by the
wrong generation.
"""
import json, random, select, socket, struct, subprocess, sys, threading, time

SERVER = ("127.0.0.1", 5004)
PAYLOAD = bytes(200)
SUBSCRIBERS, UPGRADES, RATE = (int(each) for each in sys.argv[1:])


class Subscription:
    """One subscriber from its coming to its leaving."""

    def __init__(self, stays):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)  # SO_RCVBUFFORCE
        except PermissionError:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.connect(SERVER)
        self.socket.setblocking(False)
        self.numbers, self.generations, self.twice = set(), set(), 0
        self.stays = stays
        self.came = time.monotonic()
        self.first = None
        self.leaves = None if stays else self.came + random.uniform(1.5, 6)
        self.since = current[0]
        self.port = self.socket.getsockname()[1]
        # Told with a fault: a port that somebody else had before is the same flow to the kernel.
        self.before = ports.get(self.port)
        ports[self.port] = f"a subscriber of generation {self.since}"
        self.say(b"S")

    def say(self, what):
        self.socket.send(what)
        self.told = time.monotonic()

    def read(self):
        while True:
            try:
                packet = self.socket.recv(2048)
            except BlockingIOError:
                return
            if packet[:1] != b"D":
                continue
            generation, number = struct.unpack_from("!II", packet, 1)
            if self.first is None:
                self.first = time.monotonic()
            self.twice += number in self.numbers
            self.numbers.add(number)
            self.generations.add(generation)

    def faults(self):
        if not self.numbers:
            return ["a subscriber got nothing"]
        missing = max(self.numbers) - min(self.numbers) + 1 - len(self.numbers)
        found = []
        if missing:
            found.append(f"{missing} packets missing at a subscriber of generation {self.generations}")
        if self.twice:
            found.append(f"{self.twice} packets came twice")
        if len(self.generations) != 1:
            found.append(f"a subscriber was served by generations {sorted(self.generations)}")
        elif min(self.generations) < self.since:
            found.append(f"a subscriber that came to generation {self.since} was served by"
                         f" {min(self.generations)} (port {self.port}, before it: {self.before})")
        return found


def produce():
    """Sends the stream at its rate; after half of the upgrades from a new socket."""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect(SERVER)
    number, begin, is_moved = 0, time.monotonic(), False
    while not over.is_set():
        if not is_moved and done[0] >= UPGRADES // 2:
            out.send(b"B")
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            out.connect(SERVER)
            is_moved = True
            out.settimeout(5)
            expected = current[0]
            out.send(b"P" + struct.pack("!I", number) + PAYLOAD)
            served = struct.unpack_from("!I", out.recv(100), 1)[0]
            port = out.getsockname()[1]
            moves.append((expected, served, f"port {port}, before it: {ports.get(port)}"))
            number += 1
        due = int((time.monotonic() - begin) * RATE)
        while number < due:
            out.send(b"P" + struct.pack("!I", number) + PAYLOAD)
            number += 1
        time.sleep(0.5 / RATE)
    produced.append(number)


def status():
    """What the supervisor says of the service."""
    told = subprocess.run(["relevo", "status", "--json"], check=True, capture_output=True)
    return json.loads(told.stdout)


def left_over():
    """How many old processes are there still, once everybody has left."""
    for _ in range(100):
        old = [each for each in status()["generations"]
               if each["state"] in ("starting", "draining", "retiring")]
        if not old:
            return 0
        time.sleep(0.1)
    return len(old)


def upgrade():
    """Upgrades one after the other; the generation that is current is known on both sides of it."""
    for _ in range(UPGRADES):
        time.sleep(0.7)
        subprocess.run(["relevo", "upgrade"], check=True, stdout=subprocess.DEVNULL)
        current[0] = status()["current"]
        done[0] += 1
        print(f"upgrade {done[0]}: generation {current[0]} is current", flush=True)
    # Who comes now still hears something before the stream ends.
    closing.set()
    time.sleep(1.5)
    over.set()


def run():
    waiting = select.epoll()
    living, ended = {}, []

    def come(stays):
        one = Subscription(stays)
        living[one.socket.fileno()] = one
        waiting.register(one.socket.fileno(), select.EPOLLIN)

    def leave(one):
        one.say(b"U")
        one.read()
        waiting.unregister(one.socket.fileno())
        del living[one.socket.fileno()]
        one.socket.close()
        ended.append(one)

    for index in range(SUBSCRIBERS):
        come(index % 2 == 0)
    threads = [threading.Thread(target=each) for each in (produce, upgrade)]
    for each in threads:
        each.start()
    while not over.is_set():
        for number, _ in waiting.poll(0.1):
            living[number].read()
        now = time.monotonic()
        for one in list(living.values()):
            if one.leaves is not None and now > one.leaves:
                leave(one)
                if not closing.is_set():
                    come(False)
            elif now - one.told > 1:
                one.say(b"S")
    for each in threads:
        each.join()
    time.sleep(0.5)
    for one in list(living.values()):
        leave(one)
    return ended


current, done, moves, produced, ports = [1], [0], [], [], {}
closing, over = threading.Event(), threading.Event()
subscriptions = run()

faults = [fault for one in subscriptions for fault in one.faults()]
for expected, served, port in moves:
    if served < expected:
        faults.append(f"the producer came back to generation {served}, not {expected} ({port})")
if not moves:
    faults.append("the producer never came back")
old = left_over()
if old:
    faults.append(f"{old} old processes have not ended though nobody is with them")
stayed = [one for one in subscriptions if one.stays]
late = [one for one in subscriptions if one.since > 1]
longest = max((one.first - one.came for one in subscriptions if one.first), default=0)
received = sum(len(one.numbers) for one in subscriptions)
print(f"""
upgrades under load                 {done[0]:>9}
packets of the stream               {produced[0]:>9}
subscribers at a time               {SUBSCRIBERS:>9}
subscriptions in all                {len(subscriptions):>9}
  that stayed from first to last    {len(stayed):>9}   served by generation {sorted(set().union(*(o.generations for o in stayed)))}
  that came after a flip            {len(late):>9}   served by {len(set().union(*(o.generations for o in late)) if late else [])} generations
packets received                    {received:>9}
longest wait for the first packet   {longest * 1000:>6.0f} ms
producer came back to generation    {moves[0][1] if moves else '-':>9}
old processes left at the end       {old:>9}
missing at any subscriber           {sum(max(o.numbers) - min(o.numbers) + 1 - len(o.numbers) for o in subscriptions if o.numbers):>9}
""")
print("Nobody missed a packet." if not faults else "FAULTS: " + "; ".join(faults[:10]))
sys.exit(1 if faults else 0)
