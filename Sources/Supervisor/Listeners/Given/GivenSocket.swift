import Kernel
import Settings
import Systemd

/// A socket that a socket unit has bound and systemd has handed over.
final class GivenSocket {
    /// FileDescriptorName= of the unit, or the unit's own name.
    let name: String
    let address: ListenAddress
    let isNonBlocking: Bool
    /// BindIPv6Only= of the unit.
    let isIPv6Only: Bool
    /// On `MonotonicClock.now()`.
    let arrived = MonotonicClock.now()
    private let given: InheritedDescriptor

    private init(_ given: InheritedDescriptor, _ address: ListenAddress, _ facts: SocketFacts) {
        name = given.name
        self.address = address
        isNonBlocking = facts.isNonBlocking
        isIPv6Only = facts.isIPv6Only
        self.given = given
    }

    /// Its descriptor; taken once.
    func take() -> OwnedDescriptor { given.take() }

    /// Looks at what was handed over.
    ///
    /// - Throws: why it can be no slot, and what to change in the socket unit.
    static func checked(_ given: InheritedDescriptor) throws(ListenerError) -> GivenSocket {
        let facts: SocketFacts
        do throws(KernelError) {
            facts = try given.facts()
        } catch {
            throw ListenerError("\(given.name): \(error)")
        }
        let scheme: Transport
        switch facts.kind {
        case .udp: scheme = .udp
        case .tcp: scheme = .tcp
        case .other:
            throw ListenerError(
                "\(given.name): what systemd hands over is no UDP or TCP socket; keep only "
                    + "ListenDatagram= and ListenStream= with an address and a port in the unit")
        }
        let text = "\(scheme.rawValue)://\(facts.address.map { "\($0)" } ?? "")"
        guard let address = try? ListenAddress.parse(text) else {
            throw ListenerError("\(given.name): its socket is bound to no address (\(text))")
        }
        guard !facts.hasPeer else {
            throw ListenerError(
                "\(given.name): a socket of \(address) is connected to one peer; "
                    + "Accept=no belongs into [Socket]")
        }
        guard facts.sharesPort else {
            throw ListenerError(
                "\(given.name): \(address) is not to be shared; add ReusePort=yes to [Socket], and "
                    + "a line for each socket that is needed at once (see SOCKET-ACTIVATION.md)")
        }
        return GivenSocket(given, address, facts)
    }
}
