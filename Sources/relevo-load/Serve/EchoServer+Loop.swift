import Kernel

extension EchoServer {
    /// Runs a handler; the first failure ends the loop.
    func reporting(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            failure = failure ?? error
            loop.stop()
        }
    }

    /// Does something later, in the loop.
    func schedule(after delay: Duration, _ work: @escaping (EchoServer) throws -> Void) {
        _ = loop.schedule(at: MonotonicClock.now() + delay) { [unowned self] in
            reporting { try work(self) }
        }
    }

    /// Tells the supervisor, if there is one that listens.
    func notify(_ text: String) throws {
        guard !misbehaviour.noNotify, let path = Environment.value(of: "NOTIFY_SOCKET") else {
            return
        }
        try sendNotification(text, to: UnixAddress(path))
    }

    /// Reads the first socket in blocking calls, until a signal ends the process.
    func readForEver() throws {
        guard let served = sockets.datagrams.first else { throw LoadError("no UDP socket") }
        while !misbehaviour.hang {
            try answer(try served.batch.receive(from: served.socket, waiting: true), of: served)
        }
    }
}
