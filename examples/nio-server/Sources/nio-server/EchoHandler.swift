import NIOCore
import RelevoClient

/// Answers each datagram with who answers it and the how many-th of its session it is (the format
/// of `relevo-load send`, which checks both).
final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private struct Session {
        var flow: UInt64
        var count: UInt64
        var seen: NIODeadline
    }

    private static let headerSize = 64
    private static let request: UInt64 = 0x524c_564f_0001_0001
    private static let answer: UInt64 = 0x524c_564f_0002_0001
    private static let idle = TimeAmount.seconds(2)

    private let worker: RelevoWorker
    private let process: UInt64
    private var sessions: [SocketAddress: Session] = [:]
    private var isDraining = false

    init(_ worker: RelevoWorker, process: Int32) {
        self.worker = worker
        self.process = UInt64(process)
    }

    func channelActive(context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(250)) { _ in
            bound.value.account()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var envelope = unwrapInboundIn(data)
        let buffer = envelope.data
        let start = buffer.readerIndex
        guard buffer.readableBytes >= Self.headerSize,
            buffer.getInteger(at: start, as: UInt64.self) == Self.request,
            let flow = buffer.getInteger(at: start + 8, as: UInt64.self)
        else { return }
        var session =
            sessions[envelope.remoteAddress] ?? Session(flow: flow, count: 0, seen: .now())
        if session.flow != flow { session = Session(flow: flow, count: 0, seen: .now()) }
        session.count += 1
        session.seen = .now()
        sessions[envelope.remoteAddress] = session
        envelope.data.setInteger(Self.answer, at: start)
        envelope.data.setInteger(UInt32(truncatingIfNeeded: worker.generation), at: start + 32)
        envelope.data.setInteger(UInt32(truncatingIfNeeded: worker.index), at: start + 36)
        envelope.data.setInteger(process, at: start + 40)
        envelope.data.setInteger(session.count, at: start + 48)
        context.write(wrapOutboundOut(envelope), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func drain(_ isDraining: Bool) {
        self.isDraining = isDraining
        account()
    }

    /// Ends silent sessions, and tells the supervisor how many there are.
    private func account() {
        let now = NIODeadline.now()
        sessions = sessions.filter { now - $0.value.seen <= Self.idle }
        try? worker.sessions(sessions.count)
        if isDraining, sessions.isEmpty { try? worker.drained() }
    }
}
