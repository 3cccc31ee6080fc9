/// Where a listener listens: `udp://127.0.0.1:4433`, `tcp://[::1]:443`, `udp://:53`, `udp://0.0.0.0%eth0:67`.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package let transport: Transport
    package let host: InternetHost
    package let port: UInt16
    /// The interface that its sockets are bound to (SO_BINDTODEVICE); nil for every one.
    package let interface: String?

    package init(
        _ transport: Transport, _ host: InternetHost, port: UInt16, interface: String? = nil
    ) {
        self.transport = transport
        self.host = host
        self.port = port
        self.interface = interface
    }

    /// Reads `udp://HOST:PORT` or `tcp://HOST:PORT`; HOST is an IPv4 address, an IPv6 address in
    /// brackets, or nothing or `*` for every address of both families, each with `%INTERFACE` behind it for
    /// what comes to one interface alone.
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
        let interface: String?
        do throws(ValueError) {
            let parts = try InternetHost.splitInterface(rest[..<split])
            host = try InternetHost.parse(parts.host)
            interface = parts.interface
        } catch {
            throw ValueError("address '\(text)': \(error)")
        }
        return ListenAddress(transport, host, port: port, interface: interface)
    }

    /// `HOST:PORT` without the transport and the interface, an IPv6 host in brackets.
    package var socketAddress: String { "\(host.bracketed):\(port)" }

    package var description: String {
        let interface = interface.map { "%\($0)" } ?? ""
        return "\(transport.rawValue)://\(host.bracketed)\(interface):\(port)"
    }
}
