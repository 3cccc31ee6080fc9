/// Which addresses become listeners when a worker binds them.
package enum AdoptRule: Hashable, Sendable {
    /// All that has a port of its own, chosen by the program.
    case auto
    /// Nothing: what the program binds is told, and the program stopped.
    case show
    /// This port, or every port, of one transport.
    case port(Transport, UInt16?)

    /// Reads `auto`, `udp:53`, `tcp:*`.
    static func parse(_ text: String) throws(ValueError) -> AdoptRule {
        if text == "auto" { return .auto }
        if text == "show" { return .show }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let transport = Transport(rawValue: parts[0]) else {
            throw ValueError("'\(text)' is none of auto, show, udp:PORT, tcp:PORT, udp:* and tcp:*")
        }
        if parts[1] == "*" { return .port(transport, nil) }
        guard let number = Number.digits(parts[1]), let port = UInt16(exactly: number), port > 0
        else { throw ValueError("'\(text)': port '\(parts[1])' is not from 1 to 65535") }
        return .port(transport, port)
    }

    package var text: String {
        switch self {
        case .auto: "auto"
        case .show: "show"
        case .port(let transport, let port):
            "\(transport.rawValue):\(port.map { "\($0)" } ?? "*")"
        }
    }

    /// Whether it names this very port.
    package func names(_ transport: Transport, port: UInt16) -> Bool {
        self == .port(transport, port)
    }

    /// Whether it speaks of this transport and port.
    package func covers(_ transport: Transport, port: UInt16) -> Bool {
        switch self {
        case .auto: true
        case .show: false
        case .port(let wanted, let number): wanted == transport && number ?? port == port
        }
    }
}
