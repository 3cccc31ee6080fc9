import Adoption
import Kernel
import ServiceCore

extension NetworkAddress {
    init(_ address: SocketAddress) {
        switch address {
        case .ipv4(let bits, let port): self = .ipv4(bits, port: port)
        case .ipv6(let bits, let port, let scope):
            self = .ipv6(
                high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits),
                port: port, scope: scope)
        }
    }

    var socketAddress: SocketAddress {
        switch self {
        case .ipv4(let bits, let port): .ipv4(bits, port: port)
        case .ipv6(let high, let low, let port, let scope):
            .ipv6(UInt128(high) << 64 | UInt128(low), port: port, scope: scope)
        }
    }
}

extension ServiceCore.SocketPlace {
    init(_ place: Adoption.SocketPlace, text: String) {
        self.init(
            NetworkAddress(place.address), v6Only: place.v6Only, isStream: place.isStream,
            interface: place.interface, text: text)
    }
}

extension ServiceCore.SocketPlace {
    /// The same place as sockets are bound by it.
    var bindable: Adoption.SocketPlace {
        Adoption.SocketPlace(
            address.socketAddress, v6Only: v6Only, isStream: isStream, interface: interface)
    }
}
