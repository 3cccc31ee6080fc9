import Kernel
import Settings
import SystemPackage

/// Why an address cannot be served, in one line that says what to do.
struct ListenerError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    init(bind address: ListenAddress, _ error: KernelError) {
        let advice: String
        switch error.errno {
        case .permissionDenied: advice = " (CAP_NET_BIND_SERVICE or a port above 1023)"
        case .addressInUse: advice = " (another program listens there: ss -lnp shows which)"
        case .addressNotAvailable: advice = " (no interface has it: ip address shows which have)"
        case .tooManyOpenFiles: advice = " (raise LimitNOFILE= or ulimit -n)"
        default: advice = ""
        }
        description = "\(error.call) \(address): \(error.errno)\(advice)"
    }
}
