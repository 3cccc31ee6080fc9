/// The clients whose new flows a canary gets: a share of all, those of some networks, or both.
package struct CanaryClients: Hashable, Sendable {
    /// nil where only the networks count.
    package let share: Share?
    /// As text, such as 192.0.2.0/24 or 2001:db8::/32; who steers reads them.
    package let networks: [String]

    package static func share(_ share: Share) -> CanaryClients {
        CanaryClients(known: share, networks: [])
    }

    /// Nil where they are nobody, or the networks are too many.
    package init?(share: Share?, networks: [String] = []) {
        guard share != nil || !networks.isEmpty, networks.count <= Self.mostNetworks else {
            return nil
        }
        self.init(known: share, networks: networks)
    }

    /// - Precondition: they are somebody.
    fileprivate init(known share: Share?, networks: [String]) {
        self.share = share
        self.networks = networks
    }

    package static let mostNetworks = 64
}

extension CanaryClients: CustomStringConvertible {
    /// As in "gets the new flows of …".
    package var description: String {
        let first = share.map { "\($0) of the clients" }
        guard !networks.isEmpty else { return first ?? "nobody" }
        let named = networks.prefix(3).joined(separator: ", ")
        let others = networks.count > 3 ? " and \(networks.count - 3) more networks" : ""
        return (first.map { "\($0) and those of " } ?? "the clients of ") + named + others
    }
}

extension CanaryClients: Codable {
    private enum CodingKeys: String, CodingKey {
        case share, networks
    }

    /// A share alone is its number, as it was before there were networks.
    package init(from decoder: any Decoder) throws {
        if let share = try? decoder.singleValueContainer().decode(Share.self) {
            self.init(known: share, networks: [])
            return
        }
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        let found = CanaryClients(
            share: try keys.decodeIfPresent(Share.self, forKey: .share),
            networks: try keys.decode([String].self, forKey: .networks))
        guard let found else {
            throw DecodingError.dataCorruptedError(
                forKey: .networks, in: keys, debugDescription: "not the clients of a canary")
        }
        self = found
    }

    package func encode(to encoder: any Encoder) throws {
        if networks.isEmpty, let share {
            var container = encoder.singleValueContainer()
            return try container.encode(share)
        }
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encodeIfPresent(share, forKey: .share)
        try keys.encode(networks, forKey: .networks)
    }
}

extension CanaryPlan {
    /// How many steps there are: where there are networks, they come alone at first.
    package var count: Int { steps.count + (networks.isEmpty ? 0 : 1) }

    /// Who the clients are in a step, from 0.
    package func clients(in step: Int) -> CanaryClients {
        let place = min(step, count - 1) - (networks.isEmpty ? 0 : 1)
        return CanaryClients(known: place < 0 ? nil : steps[place], networks: networks)
    }
}
