/// Cuts a stream of bytes into Varlink messages: JSON objects, each ended by a NUL.
package struct FrameSplitter: Sendable {
    /// A longer message is refused, so that a peer cannot make its reader hold more than this.
    package static let longestFrame = 1 << 20

    private var pending: [UInt8] = []
    /// Bytes of `pending` that are known to hold no NUL.
    private var searched = 0

    package init() {}

    /// Takes bytes as they arrive, in pieces of any size.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        pending.append(contentsOf: bytes)
    }

    /// The next whole message without its NUL, or nil until more has been appended.
    ///
    /// After an error the stream cannot be followed any more: close it.
    package mutating func next() throws(FrameError) -> [UInt8]? {
        guard let end = pending[searched...].firstIndex(of: 0) else {
            searched = pending.count
            if searched > FrameSplitter.longestFrame { throw FrameError.tooLong }
            return nil
        }
        guard end <= FrameSplitter.longestFrame else { throw FrameError.tooLong }
        let frame = Array(pending[..<end])
        pending.removeSubrange(...end)
        searched = 0
        return frame
    }

    /// Whether a message has begun and not ended.
    package var isMidFrame: Bool { !pending.isEmpty }
}
