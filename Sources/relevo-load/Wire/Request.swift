import Kernel

/// What a client says in one datagram.
struct Request: Equatable {
    var flow: UInt64
    var sequence: UInt64
    var sent: UInt64
    var run: UInt64

    init(flow: UInt64, sequence: UInt64, sent: UInt64, run: UInt64) {
        self.flow = flow
        self.sequence = sequence
        self.sent = sent
        self.run = run
    }

    /// Reads a datagram of a batch; nil for one that no client of ours has sent.
    init?(_ batch: FlowBatch, _ index: Int) {
        guard batch.length(of: index) >= Header.size,
            batch.word32(at: Header.Offset.magic, of: index) == Header.magic,
            batch.word32(at: Header.Offset.kind, of: index) == Header.kindWord(.request)
        else { return nil }
        flow = batch.word64(at: Header.Offset.flow, of: index)
        sequence = batch.word64(at: Header.Offset.sequence, of: index)
        sent = batch.word64(at: Header.Offset.sent, of: index)
        run = batch.word64(at: Header.Offset.run, of: index)
    }

    /// Writes it as the whole datagram, padded to `size`.
    func write(to batch: FlowBatch, _ index: Int, size: Int) {
        batch.setLength(max(size, Header.size), of: index)
        batch.store(Header.magic, at: Header.Offset.magic, of: index)
        batch.store(Header.kindWord(.request), at: Header.Offset.kind, of: index)
        batch.store(flow, at: Header.Offset.flow, of: index)
        batch.store(sequence, at: Header.Offset.sequence, of: index)
        batch.store(sent, at: Header.Offset.sent, of: index)
        batch.store(run, at: Header.Offset.run, of: index)
    }
}
