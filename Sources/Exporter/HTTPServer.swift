import CMicrohttpd
package import Kernel

/// A few pages over HTTP, by GNU libmicrohttpd, in an event loop of ours: one thread, no other.
///
/// Each connection is for one request. It has a time of its own that no byte prolongs, so that a client that sends or
/// reads slowly is gone in the end; and there are only so many of them.
package final class HTTPServer {
    package struct Limits: Sendable {
        /// Further ones wait in the kernel's queue.
        package var connections: UInt32 = 16
        /// For a whole request, and again for reading the whole answer.
        package var time: Duration = .seconds(10)
        /// Its first line and all its fields, and as much again for the library's own.
        package var requestBytes = 16_384

        package init() {}
    }

    /// Where one connection stands.
    private final class Exchange {
        enum State {
            case reading, read, asked
            case answered(HTTPResponse)
        }

        var state = State.reading
        var isSuspended = false
        /// None while an answer is waited for, which is not the client's fault.
        var deadline: EventLoop.Token?
    }

    private let loop: EventLoop
    private let limits: Limits
    private let page: (HTTPRequest, @escaping (HTTPResponse) -> Void) -> Void
    private var daemon: UInt?
    private var events: OwnedDescriptor?
    private var token: EventLoop.Token?
    private var alarm: EventLoop.Token?
    private var exchanges: [UInt: Exchange] = [:]

    /// - Parameters:
    ///   - listener: a TCP listener.
    ///   - page: called once for each request, with what takes the answer, now or later.
    package init(
        on listener: consuming StreamListener, _ limits: Limits = Limits(), in loop: EventLoop,
        page: @escaping (HTTPRequest, @escaping (HTTPResponse) -> Void) -> Void
    ) throws(KernelError) {
        self.loop = loop
        self.limits = limits
        self.page = page
        try listener.setNonBlocking(true)
        let number = listener.intoDescriptor().release()
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let seconds = UInt32(max(1, limits.time.components.seconds))
        let started = unsafe relevo_http_start(
            number, limits.connections, seconds, limits.requestBytes, answerRequest,
            noticeConnection, context)
        guard started != 0 else { throw KernelError("MHD_start_daemon", number: 22) }
        daemon = started
        let events = OwnedDescriptor(
            adopting: try check("fcntl F_DUPFD_CLOEXEC") { relevo_http_events(started) })
        token = try loop.register(events) { [unowned self] _ in run() }
        self.events = consume events
    }

    deinit { letGo() }

    /// Ends all connections and closes the listener.
    package func stop() {
        letGo()
        guard let daemon else { return }
        self.daemon = nil
        for (connection, exchange) in exchanges {
            if exchange.isSuspended { relevo_http_resume(connection) }
        }
        relevo_http_stop(daemon)
    }

    private func letGo() {
        for token in [token, alarm] { if let token { loop.remove(token) } }
        (token, alarm) = (nil, nil)
        for exchange in exchanges.values { stopTime(of: exchange) }
    }

    /// How many connections there are.
    package var connections: Int { exchanges.count }

    private func run() {
        guard let daemon else { return }
        if let alarm { loop.remove(alarm) }
        alarm = nil
        let milliseconds = relevo_http_run(daemon)
        // What happened meanwhile may want it sooner.
        if milliseconds >= 0, alarm == nil { runAgain(after: .milliseconds(milliseconds)) }
    }

    private func runAgain(after time: Duration) {
        if let alarm { loop.remove(alarm) }
        alarm = loop.schedule(at: MonotonicClock.now() + time) { [unowned self] in
            alarm = nil
            run()
        }
    }

    // MARK: What the library tells

    fileprivate func notice(_ connection: UInt, isNew: Bool) {
        if isNew {
            let exchange = Exchange()
            exchanges[connection] = exchange
            limitTime(of: exchange, connection)
        } else if let exchange = exchanges.removeValue(forKey: connection) {
            stopTime(of: exchange)
            // Only its next run takes one that waits for the place.
            runAgain(after: .zero)
        }
    }

    private func limitTime(of exchange: Exchange, _ connection: UInt) {
        stopTime(of: exchange)
        let end = MonotonicClock.now() + limits.time
        exchange.deadline = loop.schedule(at: end) { [unowned self, unowned exchange] in
            exchange.deadline = nil
            relevo_http_cut(connection)
            runAgain(after: .zero)
        }
    }

    private func stopTime(of exchange: Exchange) {
        if let deadline = exchange.deadline { loop.remove(deadline) }
        exchange.deadline = nil
    }

    /// Called when a request's fields are there, again when all of it is, and once more after a wait; returns whether
    /// the connection goes on.
    fileprivate func answer(
        _ connection: UInt, _ method: String, _ path: String, accept: String?
    ) -> Bool {
        guard let exchange = exchanges[connection] else { return false }
        switch exchange.state {
        case .reading:
            guard method == "GET" || method == "HEAD" else {
                return send(HTTPResponse(status: 405, "GET and HEAD alone"), on: connection)
            }
            exchange.state = .read
        case .read:
            exchange.state = .asked
            stopTime(of: exchange)
            page(HTTPRequest(path: path, accept: accept)) { [weak self, weak exchange] response in
                guard let self, let exchange else { return }
                answered(response, exchange, connection)
            }
            if case .answered(let response) = exchange.state {
                return send(response, on: connection)
            }
            exchange.isSuspended = true
            relevo_http_suspend(connection)
        case .asked: break
        case .answered(let response): return send(response, on: connection)
        }
        return true
    }

    private func answered(
        _ response: HTTPResponse, _ exchange: Exchange, _ connection: UInt
    ) {
        guard case .asked = exchange.state else { return }
        exchange.state = .answered(response)
        limitTime(of: exchange, connection)
        guard exchange.isSuspended else { return }
        exchange.isSuspended = false
        relevo_http_resume(connection)
        runAgain(after: .zero)
    }

    private func send(_ response: HTTPResponse, on connection: UInt) -> Bool {
        // Without memory for the answer the connection is closed.
        response.made != 0 && relevo_http_answer(connection, response.status, response.made) != 0
    }
}

/// What the library calls for each request.
private let answerRequest: relevo_http_asked = { context, connection, method, path, accept in
    guard let context = unsafe context, let method = unsafe method, let path = unsafe path
    else { return 0 }
    let server = unsafe Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    let goesOn = unsafe server.answer(
        connection, String(cString: method), String(cString: path),
        accept: accept.map { unsafe String(cString: $0) })
    return goesOn ? 1 : 0
}

/// What it calls for each connection that comes or goes.
private let noticeConnection: relevo_http_noticed = { context, connection, isNew in
    guard let context = unsafe context else { return }
    unsafe Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
        .notice(connection, isNew: isNew != 0)
}
