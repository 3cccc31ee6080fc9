import Keeper
import Kernel

/// The reading end of a worker's standard output or error, in the event loop until it is closed.
final class OutputPipe {
    /// Read in one go; the loop comes back for the rest.
    private static let chunk = 16_384

    private let reader: SharedDescriptor
    private let loop: EventLoop
    private let line: ([UInt8]) -> Void
    private var splitter = LineSplitter()
    private var token: EventLoop.Token?

    /// - Parameter line: called for each line, without its end.
    init(
        reading reader: SharedDescriptor, in loop: EventLoop,
        line: @escaping ([UInt8]) -> Void
    ) throws(KernelError) {
        self.reader = reader
        self.loop = loop
        self.line = line
        token = try loop.register(reader) { [unowned self] _ in readSome() }
    }

    deinit { close() }

    /// Whether the other end may still write.
    var isOpen: Bool { token != nil }

    /// Passes on what is there, and no more of it.
    func drain() {
        while isOpen, readSome() {}
    }

    /// Ends it, the last line included; descendants of a worker may hold the other end for ever.
    func close() {
        guard let token else { return }
        loop.remove(token)
        self.token = nil
        if let last = splitter.finish() { line(last) }
    }

    @discardableResult
    private func readSome() -> Bool {
        do {
            guard let bytes = try reader.read(upTo: Self.chunk) else { return false }
            if bytes.isEmpty {
                close()
                return false
            }
            for line in splitter.append(bytes) { self.line(line) }
            return true
        } catch {
            close()
            return false
        }
    }
}
