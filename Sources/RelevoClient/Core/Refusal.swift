internal import CRelevoClient

/// Why the supervisor refused, by the codes of the channel's specification.
public enum Refusal: UInt8, Sendable {
    case malformed, oversized, descriptors, verb, key, version, order, unsupported, unknown
    case toItself, mute, busy, full, limit, current, refused, failed
    /// A code that this version of the library does not know.
    case other

    init(_ code: [UInt8]) {
        for (word, refusal) in Self.words where code.equals(word) {
            self = refusal
            return
        }
        self = .other
    }

    private static var words: [(StaticString, Refusal)] {
        [
            ("malformed", .malformed), ("oversized", .oversized), ("descriptors", .descriptors),
            ("verb", .verb), ("key", .key), ("version", .version), ("order", .order),
            ("unsupported", .unsupported), ("unknown", .unknown), ("self", .toItself),
            ("mute", .mute), ("busy", .busy), ("full", .full), ("limit", .limit),
            ("current", .current), ("refused", .refused), ("failed", .failed),
        ]
    }

    /// The nearest errno(3) number, for C.
    var code: Int32 {
        let nearest =
            switch self {
            case .malformed, .verb, .key, .version, .descriptors: RELEVO_SYS_PROTOCOL
            case .oversized: RELEVO_SYS_TOO_LONG
            case .order: RELEVO_SYS_ALREADY
            case .unsupported: RELEVO_SYS_NOT_SUPPORTED
            case .unknown: RELEVO_SYS_NO_ENTRY
            case .toItself: RELEVO_SYS_INVALID
            case .mute: RELEVO_SYS_NOT_CONNECTED
            case .busy: RELEVO_SYS_AGAIN
            case .full: RELEVO_SYS_NO_SPACE
            case .limit, .current: RELEVO_SYS_BUSY
            case .refused: RELEVO_SYS_NO_ACCESS
            case .failed, .other: RELEVO_SYS_IO
            }
        return Int32(nearest)
    }
}
