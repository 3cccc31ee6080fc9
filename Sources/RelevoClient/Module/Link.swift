/// One end of a link between two workers: datagrams with where they came from, messages and
/// descriptors. For one thread at a time; never waits.
public struct Link: ~Copyable, Sendable {
    private var core: LinkCore
    /// Readable when `receive` has something, writable when `forward` and `send` have room. It
    /// stays the link's.
    public let descriptor: CInt

    /// Takes over a link's socket.
    public init(adopting number: CInt) throws(RelevoError) {
        core = try LinkCore(adopting: number)
        descriptor = number
    }

    /// Passes a datagram on with its source, the listener's address that it was sent to and the
    /// time it was received at, in nanoseconds of CLOCK_REALTIME.
    ///
    /// It is gathered with others and goes out when a packet (64 KiB) is full, or with `flush()`.
    /// False: there is no room and it was not taken; `descriptor` gets writable when there is.
    public mutating func forward(
        _ payload: Span<UInt8>, from source: InternetAddress?,
        to destination: InternetAddress? = nil, received: UInt64 = 0
    ) throws(RelevoError) -> Bool {
        try unsafe payload.withUnsafeBytes { bytes throws(RelevoError) in
            try unsafe core.forward(bytes, from: source, to: destination, received: received)
        }
    }

    /// Sends what has been gathered; false: there is no room now, and it stays gathered.
    public mutating func flush() throws(RelevoError) -> Bool { try core.flush() }

    /// Sends a message of at most 64 KiB, with descriptors, which stay the caller's, after all
    /// datagrams gathered before it. False: there is no room now.
    public mutating func send(
        _ message: Span<UInt8>, descriptors: [CInt] = []
    ) throws(RelevoError) -> Bool {
        try unsafe message.withUnsafeBytes { bytes throws(RelevoError) in
            try unsafe core.send(message: bytes, descriptors: descriptors)
        }
    }

    /// Hands over the next datagram or message; its bytes are there during the call only. nil
    /// when there is none now. Throws `ended` when the other worker has closed its end, or died,
    /// and all it sent has been taken; after `malformed` the link goes on with the next packet.
    public mutating func receive<Result>(
        _ body: (Received, Span<UInt8>) -> Result
    ) throws(RelevoError) -> Result? {
        let received: Received
        let place: Range<Int>
        switch try core.next() {
        case .datagram(let datagram, let range): (received, place) = (.datagram(datagram), range)
        case .message(let range, let descriptors):
            (received, place) = (.message(descriptors: descriptors), range)
        case .nothing: return nil
        }
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: core.incoming.bytes[place])
        return unsafe body(received, Span(_unsafeBytes: bytes))
    }

    /// What came over a link.
    public enum Received: Sendable {
        /// A datagram that the other worker received.
        case datagram(ForwardedDatagram)
        /// A message of the application's own; the descriptors are the receiver's to close.
        case message(descriptors: [CInt])
    }
}
