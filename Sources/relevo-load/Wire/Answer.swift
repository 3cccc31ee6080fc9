import Kernel

/// What a server says in one datagram, beside the request that it sends back.
struct Answer: Equatable {
    var request: Request
    var server: ServerIdentity
    var count: UInt64

    init(request: Request, server: ServerIdentity, count: UInt64) {
        self.request = request
        self.server = server
        self.count = count
    }

    /// Reads a datagram of a batch; nil for what is no answer of our server.
    init?(_ batch: FlowBatch, _ index: Int) {
        guard batch.length(of: index) >= Header.size,
            batch.word32(at: Header.Offset.magic, of: index) == Header.magic,
            batch.word32(at: Header.Offset.kind, of: index) == Header.kindWord(.answer)
        else { return nil }
        request = Request(
            flow: batch.word64(at: Header.Offset.flow, of: index),
            sequence: batch.word64(at: Header.Offset.sequence, of: index),
            sent: batch.word64(at: Header.Offset.sent, of: index),
            run: batch.word64(at: Header.Offset.run, of: index))
        server = ServerIdentity(
            generation: batch.word32(at: Header.Offset.generation, of: index),
            worker: batch.word32(at: Header.Offset.worker, of: index),
            process: batch.word32(at: Header.Offset.process, of: index))
        count = batch.word64(at: Header.Offset.count, of: index)
    }

    /// Turns a request in a batch into its answer, in place.
    static func write(
        _ server: ServerIdentity, count: UInt64, to batch: FlowBatch, _ index: Int
    ) {
        batch.store(Header.kindWord(.answer), at: Header.Offset.kind, of: index)
        batch.store(server.generation, at: Header.Offset.generation, of: index)
        batch.store(server.worker, at: Header.Offset.worker, of: index)
        batch.store(server.process, at: Header.Offset.process, of: index)
        batch.store(count, at: Header.Offset.count, of: index)
    }
}
