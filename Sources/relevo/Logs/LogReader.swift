import ControlProtocol
import Kernel
import Settings

/// Reads the log's two files, the older one first, and goes on with what is added.
final class LogReader {
    /// Longer than any line that is written there.
    private static let longestLine = 1 << 18
    private static let chunk = 1 << 16

    private let path: String
    /// The text of a line; nil where it is not wanted.
    private let text: ([UInt8]) -> String?
    /// Said so far and not yet a whole line.
    private var rest: [UInt8] = []

    init(path: String, text: @escaping ([UInt8]) -> String?) {
        self.path = path
        self.text = text
    }

    /// Prints the last lines that are wanted, and what comes after them.
    func show(last most: Int, following: Bool) throws(KernelError) {
        // Before anything is read, so that nothing is missed between.
        let watch = following ? try Watch(of: path) : nil
        var last = LastLines(most)
        if let older = try? HeldFile(LogPlace.older(path)) { read(older, from: 0) { last.add($0) } }
        rest = []
        var file = try HeldFile(path)
        var offset = read(file, from: 0) { last.add($0) }
        for line in last.inOrder where !Console.say(line) { return }
        guard let watch else { return }
        while try watch.next() {
            var isRead = true
            offset = read(file, from: offset) { isRead = isRead && Console.say($0) }
            guard isRead else { return }
            let now = try FileStatus(of: path)
            guard let now, now.inode != (try file.status()).inode else { continue }
            // The former one was read to its end; this one follows it.
            rest = []
            file = try HeldFile(path)
            offset = read(file, from: 0) { isRead = isRead && Console.say($0) }
            guard isRead else { return }
        }
    }

    /// - Returns: up to where it was read.
    @discardableResult
    private func read(
        _ file: borrowing HeldFile, from start: Int, _ take: (String) -> Void
    ) -> Int {
        var offset = start
        while true {
            let bytes = file.bytes(Self.chunk, at: offset)
            if bytes.isEmpty { return offset }
            offset += bytes.count
            for byte in bytes {
                if byte == UInt8(ascii: "\n") {
                    if let line = text(rest) { take(line) }
                    rest.removeAll(keepingCapacity: true)
                } else if rest.count < Self.longestLine {
                    rest.append(byte)
                }
            }
        }
    }

    /// Waits for something to be written.
    private final class Watch {
        private let folder: FolderWatch
        private let signals: SignalDescriptor
        private let loop: EventLoop
        private var isOver = false
        private var tokens: [EventLoop.Token] = []

        init(of path: String) throws(KernelError) {
            let parts = path.split(separator: "/").dropLast()
            folder = try FolderWatch(of: "/" + parts.joined(separator: "/"))
            signals = try SignalDescriptor(
                for: [SignalName.interrupt.number, SignalName.term.number])
            loop = try EventLoop()
            tokens.append(
                try loop.register(folder) { [unowned self] _ in try? folder.acknowledge() })
            tokens.append(try loop.register(signals) { [unowned self] _ in isOver = true })
            // A file has no other end, and cannot be waited on.
            if let token = try? loop.register(
                StandardStream.output, for: [],
                handler: { [unowned self] _ in isOver = true })
            {
                tokens.append(token)
            }
        }

        deinit { for token in tokens { loop.remove(token) } }

        /// False when it is over: by Ctrl-C, or because nobody reads any more.
        func next() throws(KernelError) -> Bool {
            try loop.runOnce()
            return !isOver
        }
    }
}

/// The last lines of many.
struct LastLines {
    private let most: Int
    private var lines: [String] = []
    private var next = 0

    init(_ most: Int) { self.most = most }

    mutating func add(_ line: String) {
        guard most > 0 else { return }
        if lines.count < most {
            lines.append(line)
        } else {
            lines[next] = line
            next = (next + 1) % most
        }
    }

    var inOrder: [String] { Array(lines[next...] + lines[..<next]) }
}
