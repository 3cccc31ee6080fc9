import Kernel

/// Which listener a datagram comes to, and at which of its addresses.
struct ListenerChoice {
    /// What is to be known of a listener.
    struct Candidate: Equatable {
        /// As settings write it: `udp://0.0.0.0:53`.
        let text: String
        let name: String
        let address: SocketAddress
        /// Whether IPv4 comes to it as well as IPv6.
        let isDual: Bool
        let isDatagram: Bool
    }

    /// Why none of them gets it.
    struct Problem: Error, Equatable {
        let text: String
    }

    let candidates: [Candidate]

    /// - Parameters:
    ///   - peer: where the datagram comes from.
    ///   - named: a listener by its address or name.
    /// - Returns: the listener, by its place among the candidates, and where the datagram arrives.
    func choice(
        from peer: SocketAddress, to local: SocketAddress?, named name: String?
    ) throws(Problem) -> (index: Int, local: SocketAddress) {
        let index = try index(to: local, named: name)
        let listener = candidates[index]
        guard listener.isDatagram else {
            throw Problem(
                text: "\(listener.text) takes connections; datagrams alone can be explained")
        }
        guard let local = local ?? (listener.address.isWildcard ? nil : listener.address) else {
            throw Problem(
                text:
                    "\(listener.text) is bound at every address: say where the datagram arrives (--to)"
            )
        }
        guard local.port == listener.address.port else {
            throw Problem(text: "\(local) is not at the port of \(listener.text)")
        }
        guard peer.unmapped.isIPv6 == local.unmapped.isIPv6 else {
            throw Problem(text: "\(peer) and \(local) are not of one family")
        }
        return (index, local)
    }

    private func index(
        to local: SocketAddress?, named name: String?
    ) throws(Problem) -> Int {
        if let name {
            guard let index = candidates.firstIndex(where: { $0.text == name || $0.name == name })
            else { throw Problem(text: "there is no listener '\(name)'") }
            return index
        }
        guard let local else {
            let datagrams = candidates.indices.filter { candidates[$0].isDatagram }
            guard datagrams.count == 1 else {
                let others = datagrams.map { candidates[$0].text }.joined(separator: ", ")
                throw Problem(
                    text: datagrams.isEmpty
                        ? "no listener takes datagrams"
                        : "there are more listeners than one (\(others)): say which (--listener)")
            }
            return datagrams[0]
        }
        // As the kernel has it: the socket of that very address before one of every address.
        let address = local.unmapped
        let fits: [(Candidate) -> Bool] = [
            { $0.address.unmapped == address },
            { $0.address.isWildcard && $0.address.isIPv6 == address.isIPv6 },
            { $0.address.isWildcard && $0.isDual },
        ]
        for fit in fits {
            let index = candidates.firstIndex {
                $0.isDatagram && $0.address.port == address.port && fit($0)
            }
            if let index { return index }
        }
        throw Problem(text: "no listener takes datagrams at \(local)")
    }
}
