/// Workers written in Python: programs that know systemd's conventions and nothing of Relevo.
package enum PythonWorker {
    /// Debian's own, which every user may run.
    package static let interpreter = "/usr/bin/python3"

    /// A command that runs this text, with `prelude` before it.
    package static func command(_ body: String, _ arguments: String...) -> [String] {
        [interpreter, "-IS", "-c", prelude + body] + arguments
    }

    /// What the texts may use: `sockets`, `notify`, `tell_facts`, `serve`.
    static let prelude = """
        import array, asyncio, json, os, select, signal, socket, stat, struct, sys, time

        me = os.environ["RELEVO_GENERATION"] + "." + os.environ["RELEVO_WORKER"]
        count = int(os.environ["LISTEN_FDS"])
        # What a worker before it has stored comes after its sockets.
        numbers = [n for n in range(3, 3 + count) if stat.S_ISSOCK(os.fstat(n).st_mode)]
        sockets = [socket.socket(fileno=n) for n in numbers]

        def notify(text, descriptors=()):
            data = text if isinstance(text, bytes) else text.encode()
            rights = array.array("i", descriptors)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                path = os.environ["NOTIFY_SOCKET"]
                out.connect("\\0" + path[1:] if path.startswith("@") else path)
                out.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if rights else [])

        def open_descriptors():
            found = {}
            for number in os.listdir("/proc/self/fd"):
                try:
                    found[number] = os.readlink("/proc/self/fd/" + number)
                except FileNotFoundError:
                    pass
            return found

        def describe(each):
            return {
                "type": "udp" if each.type == socket.SOCK_DGRAM else "tcp",
                "address": "%s %d" % each.getsockname()[:2], "blocking": os.get_blocking(each.fileno()),
            }

        def tell_facts(*variables):
            own = ("LISTEN_", "NOTIFY_", "WATCHDOG_", "RELEVO_", "SERVER_STARTER", "NGINX")
            print("facts " + json.dumps({
                "worker": me, "pid": os.getpid(), "arguments": sys.argv[1:],
                "environment": {
                    k: v for k, v in os.environ.items() if k.startswith(own) or k in variables},
                "descriptors": open_descriptors(), "sockets": [describe(each) for each in sockets],
                "uid": os.getuid(), "gid": os.getgid(), "groups": sorted(os.getgroups()),
                "folder": os.getcwd(),
            }), flush=True)

        def serve(some=None):
            some = sockets if some is None else some
            waiting = select.epoll()
            for each in some:
                waiting.register(each.fileno(), select.EPOLLIN)
            while True:
                for number, _ in waiting.poll():
                    each = next(s for s in some if s.fileno() == number)
                    data, peer = each.recvfrom(65536)
                    each.sendto((me + " on " + str(number)).encode(), peer)


        """
}
