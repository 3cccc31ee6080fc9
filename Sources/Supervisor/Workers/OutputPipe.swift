import Keeper
import Kernel

/// The reading end of a worker's standard output or error, in the event loop until it is closed.
final class OutputPipe {
    /// Read in one go; the loop comes back for the rest. Thousands of short lines would hold it up.
    private static let chunk = 4096
    /// More than any pipe holds that a program without privileges has made larger (pipe(7)).
    private static let mostLeft = 1 << 20

    private let reader: SharedDescriptor
    private let loop: EventLoop
    private let lines: ([[UInt8]]) -> Void
    private var splitter = LineSplitter()
    private var token: EventLoop.Token?

    /// - Parameter lines: called with what was read in one go, without line ends.
    init(
        reading reader: SharedDescriptor, in loop: EventLoop,
        lines: @escaping ([[UInt8]]) -> Void
    ) throws(KernelError) {
        self.reader = reader
        self.loop = loop
        self.lines = lines
        token = try loop.register(reader) { [unowned self] _ in readSome() }
    }

    deinit { close() }

    /// Whether the other end may still write.
    var isOpen: Bool { token != nil }

    /// Passes on what a worker that is gone has left: no more than the pipe holds, for a descendant of
    /// it may write on as fast as is read here.
    func drain() {
        var left = min(reader.pipeCapacity() ?? Self.chunk, Self.mostLeft)
        while left > 0, isOpen, let count = readSome() { left -= count }
    }

    /// Ends it, the last line included; descendants of a worker may hold the other end for ever.
    func close() {
        guard let token else { return }
        loop.remove(token)
        self.token = nil
        if let last = splitter.finish() { lines([last]) }
    }

    /// How many bytes there were; nil for none now, or never again.
    @discardableResult
    private func readSome() -> Int? {
        do {
            guard let bytes = try reader.read(upTo: Self.chunk) else { return nil }
            if bytes.isEmpty {
                close()
                return nil
            }
            let whole = splitter.append(bytes)
            if !whole.isEmpty { lines(whole) }
            return bytes.count
        } catch {
            close()
            return nil
        }
    }
}
