import ControlClient
import Kernel

/// Copies what comes between standard input and output and a service, a buffer a direction.
///
/// What is not taken yet at one side is not read at the other.
final class Bridge {
    private static let chunk = 65_536

    private let stream: ServiceStream
    private let loop: EventLoop
    private let output = PatientOutput.standardOutput
    private var toService: ArraySlice<UInt8> = []
    private var toCaller: ArraySlice<UInt8> = []
    private var tokens:
        (input: EventLoop.Token?, output: EventLoop.Token, service: EventLoop.Token)?

    init(to stream: ServiceStream) throws(KernelError) {
        self.stream = stream
        loop = try EventLoop()
        try stream.connection.setNonBlocking(true)
    }

    /// Returns when either side has ended.
    func run() throws(KernelError) {
        tokens = (
            // A file cannot be waited on, and is always ready.
            input: try? loop.register(StandardStream.input) { [unowned self] _ in
                guarded { () throws(KernelError) in try hear() }
            },
            output: try loop.register(StandardStream.output, for: []) { [unowned self] readiness in
                guarded { () throws(KernelError) in try say(readiness) }
            },
            service: try loop.register(stream.connection) { [unowned self] _ in
                guarded { () throws(KernelError) in try exchange() }
            }
        )
        try listen()
        try loop.run()
    }

    /// A side that fails has ended.
    private func guarded(_ body: () throws(KernelError) -> Void) {
        do throws(KernelError) {
            try body()
            try listen()
        } catch {
            loop.stop()
        }
    }

    private func hear() throws(KernelError) {
        guard toService.isEmpty else { return }
        guard let bytes = try StandardStream.input.read(upTo: Self.chunk) else { return }
        if bytes.isEmpty { return loop.stop() }
        toService = bytes[...]
        try send()
    }

    private func send() throws(KernelError) {
        guard !toService.isEmpty else { return }
        toService = toService.dropFirst(try stream.connection.write(toService) ?? 0)
    }

    private func say(_ readiness: Readiness) throws(KernelError) {
        guard readiness.isDisjoint(with: [.failed, .hungUp]) else { return loop.stop() }
        toCaller = toCaller.dropFirst(try output.write(toCaller))
    }

    private func exchange() throws(KernelError) {
        try send()
        guard toCaller.isEmpty else { return }
        guard let bytes = try stream.connection.read(upTo: Self.chunk) else { return }
        if bytes.isEmpty { return loop.stop() }
        toCaller = bytes[...]
    }

    /// Waits for what there is room for.
    private func listen() throws(KernelError) {
        guard let tokens else { return }
        if let input = tokens.input {
            try loop.change(input, to: toService.isEmpty ? .readable : [])
        } else if toService.isEmpty {
            _ = loop.schedule(at: MonotonicClock.now()) { [unowned self] in
                guarded { () throws(KernelError) in try hear() }
            }
        }
        try loop.change(tokens.output, to: toCaller.isEmpty ? [] : .writable)
        var wanted: Readiness = toCaller.isEmpty ? .readable : []
        if !toService.isEmpty { wanted.insert(.writable) }
        try loop.change(tokens.service, to: wanted)
    }
}
