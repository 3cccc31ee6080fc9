import Kernel
import Steering

/// One client that sends from as many loopback addresses as there are flows.
final class SteeringTraffic {
    /// What a run over a subject cost.
    struct Cost {
        /// Nanoseconds a datagram in the program, by the kernel's statistics; nil without one.
        var program: Double?
        /// Nanoseconds of processor time a datagram for sending, receiving and all in between.
        var loop: Double
    }

    private let client: DatagramSocket
    private let batch = DatagramBatch(capacity: 64, datagramSize: 64)
    /// The flows in an order that no cache can guess.
    private let order: [UInt32]
    private var positions: [SteeringSubject.Kind: Int] = [:]

    init(flows: Int) throws {
        let options = DatagramSocketOptions(reusePort: false, sendBuffer: 4 << 20)
        client = try DatagramSocket.bound(to: .ipv4(0, port: 0), options: options)
        order = (0..<UInt32(flows)).map { $0 }.shuffled()
    }

    /// Begins a QUIC connection in each flow: what a client sends before it has data to send.
    func connectAll(to subject: SteeringSubject) throws {
        try send(order.count, to: subject, as: .initial)
        try send(order.count, to: subject, as: .handshake)
    }

    /// Sends one datagram of every flow.
    func sendAll(to subject: SteeringSubject) throws {
        try send(order.count, to: subject)
    }

    /// Sends datagrams, each of another flow, and measures them.
    func measure(_ count: Int, to subject: SteeringSubject) throws -> Cost {
        try subject.look()
        try send(min(count / 8, order.count), to: subject)
        let (before, start) = (try subject.statistics(), ProcessorTime.ofThread())
        try send(count, to: subject)
        let (after, end) = (try subject.statistics(), ProcessorTime.ofThread())
        let program = before.flatMap { before in
            after.map { ($0 - before).nanosecondsPerRun }
        }
        return Cost(program: program, loop: (end - start) / .nanoseconds(count))
    }

    /// The form of a datagram, which is a protocol's to everybody.
    private enum Form {
        case initial, handshake, data
        /// WireGuard's, whose id is the flow's number.
        case wireguard
        /// Of DTLS with an id, the same.
        case dtls

        /// Before the flow's number, which is the server's id, or what follows a cookie in it.
        func head(_ cookie: [UInt8]) -> [UInt8] {
            let length: UInt8 = cookie.isEmpty ? 8 : 20
            return switch self {
            case .initial: [0xc3, 0, 0, 0, 1, length] + cookie
            case .handshake: [0xe3, 0, 0, 0, 1, length] + cookie
            case .data: [0x43] + cookie
            case .wireguard: [4, 0, 0, 0]
            case .dtls: [0x19, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 1]
            }
        }

        /// Behind it; in a long header the length of the client's own id, which is zeros.
        func rest(_ cookie: [UInt8]) -> [UInt8] {
            let end = [UInt8](repeating: 0, count: cookie.isEmpty ? 0 : 4)
            let length: [UInt8] =
                switch self {
                case .initial, .handshake: [8]
                case .data, .wireguard, .dtls: []
                }
            return end + length + [UInt8](repeating: 0, count: 25)
        }

        /// The form of those that go on with a session.
        init(of kind: SteeringSubject.Kind) {
            switch kind {
            case .none, .empty, .lru, .flow, .untelling, .lookedAt, .quic, .nginx: self = .data
            case .wireguard: self = .wireguard
            case .dtls: self = .dtls
            }
        }

        /// The number as it stands in eight bytes: ids of four are its lower half.
        func word(_ number: UInt32) -> UInt64 {
            self == .wireguard ? UInt64(number) << 32 : UInt64(number)
        }
    }

    private func send(_ count: Int, to subject: SteeringSubject, as opening: Form? = nil) throws {
        let form = opening ?? Form(of: subject.kind)
        let cookie = try subject.cookie()
        let head = form.head(cookie)
        for index in 0..<batch.capacity {
            batch[bytes: index] = head + [UInt8](repeating: 0, count: 8) + form.rest(cookie)
        }
        var (left, position) = (count, positions[subject.kind] ?? 0)
        while left > 0 {
            let size = min(left, batch.capacity)
            for index in 0..<size {
                batch[peer: index] = subject.address
                batch.store(form.word(order[position]), at: head.count, in: index)
                batch[local: index] = .ipv4(0x7F00_0001 + order[position], port: 0)
                position = position + 1 < order.count ? position + 1 : 0
            }
            var sent = 0
            while sent < size { sent += try batch.send(through: client, sent..<size) }
            try subject.drain()
            left -= size
        }
        positions[subject.kind] = position
    }
}
