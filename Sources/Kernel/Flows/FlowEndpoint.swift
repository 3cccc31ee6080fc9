import CKernel

/// One end of a flow in a form that is quick to hash and compare: IPv4 as `::ffff:a.b.c.d`.
package struct FlowEndpoint: Hashable, Sendable {
    /// The address's two halves in the order of writing.
    package var high: UInt64
    package var low: UInt64
    package var scope: UInt32
    package var port: UInt16

    /// No address: the kernel chooses.
    package static let none = FlowEndpoint(high: 0, low: 0)

    package init(high: UInt64, low: UInt64, scope: UInt32 = 0, port: UInt16 = 0) {
        self.high = high
        self.low = low
        self.scope = scope
        self.port = port
    }

    package init(_ address: SocketAddress) {
        switch address {
        case .ipv4(let bits, let port):
            self.init(high: 0, low: 0xffff_0000_0000 | UInt64(bits), port: port)
        case .ipv6(let bits, let port, let scope):
            self.init(
                high: UInt64(truncatingIfNeeded: bits >> 64),
                low: UInt64(truncatingIfNeeded: bits), scope: scope, port: port)
        }
    }

    init(_ raw: relevo_endpoint) {
        self.init(
            high: UInt64(bigEndian: raw.address.0), low: UInt64(bigEndian: raw.address.1),
            scope: raw.scope, port: raw.port)
    }

    var raw: relevo_endpoint {
        relevo_endpoint(address: (high.bigEndian, low.bigEndian), scope: scope, port: port)
    }

    /// The address for people; IPv4 as such.
    package var address: SocketAddress {
        SocketAddress.ipv6(UInt128(high) << 64 | UInt128(low), port: port, scope: scope).unmapped
    }
}
