import Kernel

/// What a server says in one datagram, beside the request that it sends back.
struct EchoAnswer: Equatable {
    var request: Request
    var server: ServerIdentity
    var count: UInt64

    init(request: Request, server: ServerIdentity, count: UInt64) {
        self.request = request
        self.server = server
        self.count = count
    }

    /// Reads a datagram of a batch; nil for what is no answer of our server.
    init?(_ batch: DatagramBatch, _ index: Int) {
        guard let request = Request(batch, index, kind: .answer) else { return nil }
        self.request = request
        server = ServerIdentity(
            generation: batch.load(at: Header.Offset.generation, in: index),
            worker: batch.load(at: Header.Offset.worker, in: index),
            process: batch.load(at: Header.Offset.process, in: index))
        count = batch.load(at: Header.Offset.count, in: index)
    }

    /// Turns a request in a batch into its answer, in place.
    static func write(
        _ server: ServerIdentity, count: UInt64, to batch: DatagramBatch, _ index: Int
    ) {
        batch.store(Header.word(.answer), at: Header.Offset.kind, in: index)
        batch.store(server.generation, at: Header.Offset.generation, in: index)
        batch.store(server.worker, at: Header.Offset.worker, in: index)
        batch.store(server.process, at: Header.Offset.process, in: index)
        batch.store(count, at: Header.Offset.count, in: index)
    }

    /// The answer to a request that came as the bytes of a stream.
    static func stream(
        to request: [UInt8], from server: ServerIdentity, count: UInt64
    ) -> [UInt8] {
        let batch = DatagramBatch(capacity: 1, datagramSize: Header.size)
        batch[bytes: 0] = Array(request.prefix(Header.size))
        write(server, count: count, to: batch, 0)
        return batch[bytes: 0]
    }
}
