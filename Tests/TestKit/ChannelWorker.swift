/// Workers in Python that speak the channel as CHANNEL.md has it, with no library.
package enum ChannelWorker {
    /// A command that runs this text, which may use what `PythonWorker` offers and `say`, `hear`,
    /// `hello`, `obey`.
    package static func command(_ body: String, _ arguments: String...) -> [String] {
        [PythonWorker.interpreter, "-IS", "-c", PythonWorker.prelude + prelude + body] + arguments
    }

    /// One that says HELLO and READY and does as it is told from then on; it ends upon STOP alone.
    package static func obedient(_ before: String = "") -> [String] {
        command(before + "\nignore_stop()\nhello()\nsay(\"READY\")\nobey()")
    }

    private static let prelude = """
        channel = socket.socket(fileno=int(os.environ["RELEVO_CHANNEL"]))
        kept = {}

        def send(text, descriptors=()):
            data = text if isinstance(text, bytes) else text.encode()
            rights = array.array("i", descriptors)
            channel.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if rights else [])

        def say(verb, descriptors=(), **keys):
            send("\\n".join([verb] + ["%s=%s" % pair for pair in keys.items()]), descriptors)

        def hear():
            data, rights, flags, _ = channel.recvmsg(4096, socket.CMSG_SPACE(253 * 4))
            if not data:
                raise EOFError
            numbers = array.array("i")
            for _, _, some in rights:
                numbers.frombytes(some[:len(some) - len(some) % 4])
            lines = data.decode().split("\\n")
            keys = {}
            for line in lines[1:]:
                key, value = line.split("=", 1)
                keys.setdefault(key, []).append(value)
            return lines[0], keys, list(numbers)

        def describe_packet(packet):
            verb, keys, numbers = packet
            text = [verb] + ["%s=%s" % (k, v) for k, values in keys.items() for v in values]
            return " ".join(text + (["[%d]" % len(numbers)] if numbers else []))

        def hello(**keys):
            say("HELLO", VERSION=1, **keys)
            offered, names, more = [], [], True
            while more:
                packet = hear()
                print("heard " + describe_packet(packet), flush=True)
                verb, fields, numbers = packet
                assert verb == "WELCOME", verb
                some = fields.get("SOCKET", [])
                taken = len(some) if keys.get("SOCKETS") != "no" else 0
                offered += numbers[:taken]
                for name, number in zip(fields.get("STORED", []), numbers[taken:]):
                    kept.setdefault(name, []).append(number)
                more = "MORE" in fields
            return offered

        def take(packet):
            verb, fields, numbers = packet
            print("heard " + describe_packet(packet), flush=True)
            if verb == "LINK":
                links.append(socket.socket(fileno=numbers[0]))
            if verb == "STOP":
                os._exit(0)
            if verb == "STORED":
                for name, number in zip(fields.get("STORED", []), numbers):
                    kept.setdefault(name, []).append(number)

        def ignore_stop():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)

        links = []

        def answer(number):
            while True:
                packet = hear()
                take(packet)
                if packet[1].get("ID") == [number]:
                    return describe_packet(packet)

        def command(text):
            # What a client wants of the worker: a packet to be sent as it is, or Python.
            if text.startswith("python "):
                return str(eval(text[7:]))
            send(text.encode())
            ids = [line[3:] for line in text.split("\\n") if line.startswith("ID=")]
            return answer(ids[0]) if ids else "sent"

        def obey():
            waiting = select.epoll()
            for each in sockets + [channel]:
                waiting.register(each.fileno(), select.EPOLLIN)
            while True:
                for number, _ in waiting.poll():
                    if number == channel.fileno():
                        try:
                            take(hear())
                        except EOFError:
                            print("the channel has ended", flush=True)
                            waiting.unregister(channel.fileno())
                        continue
                    each = next(s for s in sockets if s.fileno() == number)
                    data, peer = each.recvfrom(65536)
                    each.sendto((me + ": " + command(data.decode())).encode(), peer)


        """
}
