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

    /// Reads a datagram of a batch; nil for one of another kind.
    init?(_ batch: DatagramBatch, _ index: Int, kind: Header.Kind = .request) {
        guard batch[length: index] >= Header.size,
            batch.load(UInt32.self, at: Header.Offset.magic, in: index) == Header.magic,
            batch.load(UInt32.self, at: Header.Offset.kind, in: index) == Header.word(kind)
        else { return nil }
        flow = batch.load(at: Header.Offset.flow, in: index)
        sequence = batch.load(at: Header.Offset.sequence, in: index)
        sent = batch.load(at: Header.Offset.sent, in: index)
        run = batch.load(at: Header.Offset.run, in: index)
    }

    /// Writes it as the whole datagram, padded to `size`.
    func write(to batch: DatagramBatch, _ index: Int, size: Int) {
        batch[length: index] = max(size, Header.size)
        batch.store(Header.magic, at: Header.Offset.magic, in: index)
        batch.store(Header.word(.request), at: Header.Offset.kind, in: index)
        batch.store(flow, at: Header.Offset.flow, in: index)
        batch.store(sequence, at: Header.Offset.sequence, in: index)
        batch.store(sent, at: Header.Offset.sent, in: index)
        batch.store(run, at: Header.Offset.run, in: index)
    }
}
