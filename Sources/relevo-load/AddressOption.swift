import ArgumentParser
import Kernel

/// An address on the command line: `127.0.0.1:53`, `[::1]:53`, with `udp://` or `tcp://` in front.
struct AddressOption: ExpressibleByArgument {
    let address: SocketAddress
    let isTCP: Bool

    init?(argument: String) {
        var rest = argument[...]
        isTCP = rest.hasPrefix("tcp://")
        if rest.hasPrefix("udp://") || isTCP { rest = rest.dropFirst(6) }
        if rest.hasPrefix("localhost:") { rest = "127.0.0.1" + rest.dropFirst(9) }
        guard let address = SocketAddress(String(rest)) else { return nil }
        self.address = address
    }
}
