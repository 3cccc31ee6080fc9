/// Why a notification was refused whole; nothing of it may be acted on.
package enum NotificationError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLong(bytes: Int)
    case embeddedNul

    package var description: String {
        switch self {
        case .tooLong(let bytes):
            "a notification of \(bytes) bytes; at most \(Notification.longest) are taken"
        case .embeddedNul: "a notification with a NUL byte in it"
        }
    }
}
