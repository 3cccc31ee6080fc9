/// Why a stream of messages cannot be followed any more.
package enum FrameError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLong

    package var description: String {
        switch self {
        case .tooLong: "a message is longer than \(FrameSplitter.longestFrame) bytes"
        }
    }
}
