/// Where a listener listens: `udp://127.0.0.1:4433`, `tcp://[::1]:443`, `udp://:53`.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package let transport: Transport
    package let host: InternetHost
    package let port: UInt16

    package init(_ transport: Transport, _ host: InternetHost, port: UInt16) {
        self.transport = transport
        self.host = host
        self.port = port
    }

    /// Reads `udp://HOST:PORT` or `tcp://HOST:PORT`; HOST is an IPv4 address, an IPv6 address in
    /// brackets, or nothing or `*` for every address of both families.
    package static func parse(_ text: String) throws(ValueError) -> ListenAddress {
        let example = "write udp://0.0.0.0:4433, udp://[::]:53 or tcp://127.0.0.1:443"
        guard let colon = text.firstRange(of: "://") else {
            throw ValueError("address '\(text)' names no transport; \(example)")
        }
        let scheme = String(text[..<colon.lowerBound])
        guard let transport = Transport(rawValue: scheme) else {
            throw ValueError("address '\(text)': '\(scheme)' is neither udp nor tcp; \(example)")
        }
        let rest = text[colon.upperBound...]
        guard let split = rest.lastIndex(of: ":"), !rest.hasSuffix("]") else {
            throw ValueError("address '\(text)' has no port; \(example)")
        }
        let portText = String(rest[rest.index(after: split)...])
        guard let port = Number.digits(portText), let port = UInt16(exactly: port), port > 0 else {
            throw ValueError("address '\(text)': port '\(portText)' is not from 1 to 65535")
        }
        let host: InternetHost
        do throws(ValueError) {
            host = try InternetHost.parse(String(rest[..<split]))
        } catch {
            throw ValueError("address '\(text)': \(error)")
        }
        return ListenAddress(transport, host, port: port)
    }

    /// `HOST:PORT` without the transport, an IPv6 host in brackets.
    package var socketAddress: String { "\(host.bracketed):\(port)" }

    package var description: String { "\(transport.rawValue)://\(socketAddress)" }
}
