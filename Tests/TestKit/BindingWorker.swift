/// Workers written in Python that bind their sockets themselves and know nothing of Relevo.
package enum BindingWorker {
    /// A command that runs this text, with `prelude` before it.
    package static func command(_ body: String, _ arguments: String...) -> [String] {
        [PythonWorker.interpreter, "-IS", "-c", prelude + body] + arguments
    }

    /// What the texts may use: `udp`, `tcp`, `serve`, `tell`.
    private static let prelude = """
        import errno, os, select, signal, socket, struct, sys, threading, time

        me = os.environ["RELEVO_GENERATION"] + "." + os.environ["RELEVO_WORKER"]

        def make(kind, address, options=()):
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            made = socket.socket(family, kind)
            for option in options:
                made.setsockopt(*option)
            return made

        def udp(host="127.0.0.1", port=4433, *options):
            made = make(socket.SOCK_DGRAM, (host, port), options)
            made.bind((host, port))
            return made

        def tcp(host="127.0.0.1", port=4433, *options):
            made = make(socket.SOCK_STREAM, (host, port), options)
            made.bind((host, port))
            made.listen(64)
            return made

        def tell(*words):
            print("told", *words, flush=True)

        def inode(each):
            return os.fstat(each.fileno()).st_ino

        def serve(*some):
            waiting = select.epoll()
            for each in some:
                waiting.register(each.fileno(), select.EPOLLIN)
            while True:
                for number, _ in waiting.poll():
                    each = next(s for s in some if s.fileno() == number)
                    if each.type == socket.SOCK_STREAM:
                        one, _ = each.accept()
                        one.sendall(me.encode())
                        one.close()
                    else:
                        data, peer = each.recvfrom(65536)
                        each.sendto((me + " on " + str(number)).encode(), peer)


        """
}
