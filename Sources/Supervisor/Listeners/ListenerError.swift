import Adoption
import Kernel
import Settings
import Steering
import SystemPackage

/// Why an address cannot be served, in one line that says what to do.
struct ListenerError: Error, Equatable, CustomStringConvertible {
    let description: String
    /// Whether more privilege would help.
    let isPermission: Bool

    init(_ description: String, isPermission: Bool = false) {
        self.description = description
        self.isPermission = isPermission
    }

    init(_ address: ListenAddress, _ error: SteeringError) {
        self.init("\(address): \(error)", isPermission: error.isPermission)
    }

    init(bind address: ListenAddress, _ error: KernelError) {
        let advice: String
        switch error.errno {
        case .permissionDenied: advice = " (CAP_NET_BIND_SERVICE or a port above 1023)"
        case .addressInUse: advice = " (\(Self.holder(of: address)))"
        case .addressNotAvailable: advice = " (no interface has it: ip address shows which have)"
        case .operationNotSupportedByDevice:
            advice = " (there is no such interface: ip link shows which are)"
        case .tooManyOpenFiles: advice = " (raise LimitNOFILE= or ulimit -n)"
        default: advice = ""
        }
        let what = "\(error.errno)"
        self.init(
            "\(error.call) \(address): \(what.prefix(1).lowercased())\(what.dropFirst())\(advice)",
            isPermission: error.isPermissionDenied)
    }

    /// Refused before anything was bound: the kernel would let two programs share it.
    init(taken address: ListenAddress) {
        self.init("bind \(address): address already in use (\(Self.holder(of: address)))")
    }

    private static func holder(of address: ListenAddress) -> String {
        (SocketAddress(address.socketAddress).map {
            AddressHolder.find($0, isStream: address.transport == .tcp)
        }
            ?? .unknown).words
    }
}
