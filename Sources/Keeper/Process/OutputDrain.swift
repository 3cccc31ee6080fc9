import Kernel

/// Reads a worker's output while no supervisor does, so that the worker is not held up by a full
/// pipe.
final class OutputDrain {
    /// Read in one go; the loop comes back for the rest.
    private static let chunk = 16_384

    private let reader: SharedDescriptor
    private let mark: [UInt8]
    private let sink: DrainSink
    private let loop: EventLoop
    private var splitter = LineSplitter()
    private var token: EventLoop.Token?

    /// - Parameter mark: put in front of each line.
    init(
        reading reader: SharedDescriptor, mark: String, to sink: DrainSink, in loop: EventLoop
    ) throws(KernelError) {
        self.reader = reader
        self.mark = Array(mark.utf8)
        self.sink = sink
        self.loop = loop
        guard try reader.mayBeRead() else { return }
        try reader.setNonBlocking(true)
        token = try loop.register(reader) { [weak self] _ in self?.readSome() }
    }

    deinit { close() }

    private func readSome() {
        let bytes: [UInt8]
        do throws(KernelError) {
            guard let some = try reader.read(upTo: Self.chunk) else { return }
            bytes = some
        } catch {
            return close()
        }
        if bytes.isEmpty { return close() }
        for line in splitter.append(bytes) { sink.write(mark + line) }
    }

    private func close() {
        guard let token else { return }
        loop.remove(token)
        self.token = nil
        if let last = splitter.finish() { sink.write(mark + last) }
    }
}
